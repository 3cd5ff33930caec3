using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Running;

/// <summary>Publishes what happens to a resource, also for its children, which live and die with it.</summary>
sealed class States(DistributedApplicationModel model, ResourceNotificationService notifications, IDistributedApplicationEventing eventing, TimeProvider time, IServiceProvider services)
{
    public async Task PublishAsync(IResource resource, string id, string state, int? exitCode = null)
    {
        await notifications.PublishUpdateAsync(resource, id, snapshot => Change(snapshot, state, exitCode));
        foreach (var child in Children(resource))
            await PublishAsync(child, child.Name, state, exitCode);
    }

    public async Task PublishConnectionStringAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource is IResourceWithConnectionString)
            await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), cancellationToken);
        foreach (var child in Children(resource))
            await PublishConnectionStringAsync(child, cancellationToken);
    }

    /// <summary>The addresses to show: one for each endpoint, the ones added by hand, and what the callbacks make of them.</summary>
    public async Task PublishUrlsAsync(IResource resource, DistributedApplicationExecutionContext context, CancellationToken cancellationToken)
    {
        List<ResourceUrlAnnotation> urls =
        [
            .. (resource as IResourceWithEndpoints)?.GetEndpoints().Select(endpoint => new ResourceUrlAnnotation { Url = endpoint.Url, Endpoint = endpoint }) ?? [],
            .. resource.Annotations.OfType<ResourceUrlAnnotation>(),
        ];
        var callbackContext = new ResourceUrlsCallbackContext(context, resource, urls, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
            await annotation.Callback(callbackContext);
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { Urls = [.. urls.Select(Snapshot)] });
    }

    IEnumerable<IResource> Children(IResource parent) =>
        model.Resources.Where(child => child is IResourceWithParent { Parent: var own } && own == parent && child is not (ExecutableResource or ProjectResource or ContainerResource));

    CustomResourceSnapshot Change(CustomResourceSnapshot snapshot, string state, int? exitCode)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var running = state == KnownResourceStates.Running;
        var ended = KnownResourceStates.TerminalStates.Contains(state);
        var style = state == KnownResourceStates.FailedToStart || exitCode is not (null or 0) ? KnownResourceStateStyles.Error
            : running ? KnownResourceStateStyles.Success : null;
        return snapshot with
        {
            State = new ResourceStateSnapshot(state, style),
            ExitCode = exitCode,
            CreationTimeStamp = snapshot.CreationTimeStamp ?? now,
            StartTimeStamp = running ? now : snapshot.StartTimeStamp,
            StopTimeStamp = ended ? now : null,
            Urls = [.. snapshot.Urls.Select(url => url with { IsInactive = !running })],
            // Every run proves its health anew.
            HealthReports = [.. snapshot.HealthReports.Select(report => report with { Status = null, Description = null, ExceptionText = null })],
            Ready = null,
        };
    }

    static UrlSnapshot Snapshot(ResourceUrlAnnotation url)
    {
        var address = Uri.TryCreate(url.Url, UriKind.Absolute, out _) || url.Endpoint is null ? url.Url : new Uri(new Uri(url.Endpoint.Url), url.Url).ToString();
        return new UrlSnapshot(url.Endpoint?.EndpointName, address, IsInternal: false)
        {
            IsInactive = true,
            DisplayProperties = new UrlDisplayPropertiesSnapshot(url.DisplayText ?? "", url.DisplayOrder ?? 0),
        };
    }
}
