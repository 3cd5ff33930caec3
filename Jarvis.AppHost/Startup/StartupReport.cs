using System.Collections.Concurrent;
using System.Diagnostics;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Running;
using Jarvis.AppHost.Services;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Startup;

/// <summary>Watches the resources come up and prints one table when all are healthy, or when one has failed for good.</summary>
sealed class StartupReport(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    AppHostOptions options,
    DataDirectory data,
    Secrets secrets,
    SignInLinks links,
    PartLog log,
    Supervisor supervisor,
    TimeProvider time,
    ILogger<StartupReport> logger) : SteadyService(time, logger)
{
    static readonly TimeSpan RemindEvery = TimeSpan.FromSeconds(30);

    readonly TimeProvider _time = time;
    readonly ConcurrentDictionary<string, ResourceEvent> _latest = new(StringComparer.Ordinal);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var expected = model.Parts().ToDictionary(resource => resource.Name, resource => resource.GetReplicaCount(), StringComparer.Ordinal);
        try
        {
            await WatchAsync(expected, IsSettled, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The orchestrator stops everything when a part fails to start: the table still says which.
            foreach (var id in _latest.Keys)
            {
                if (notifications.TryGetCurrentState(id, out var state))
                    _latest[id] = state;
            }

            if (!Failed().Any())
                throw;
        }

        if (Failed().Any())
        {
            foreach (var failure in Failed().ToArray())
                await log.ShowEndAsync(failure.ResourceId, CancellationToken.None);
            await Console.Out.WriteAsync(Summary([], setup: null));
            // What is mended meanwhile, through the dashboard or by itself, is worth another table.
            await WatchAsync(expected, IsReady, stoppingToken);
        }

        var libraries = await CatalogSources.ReadAsync(Address(model.Resources.Single(resource => resource.Name == "catalog"), "http"),
            secrets, _time, stoppingToken);
        var setup = await links.FindSetupAsync(stoppingToken);
        await Console.Out.WriteAsync(Summary(libraries, setup));
    }

    async Task WatchAsync(Dictionary<string, int> expected, Func<Dictionary<string, int>, bool> isDone, CancellationToken cancellationToken)
    {
        await using var reminder = _time.CreateTimer(_ =>
            Console.Out.WriteLine($"Still waiting for {string.Join(", ", Waiting(expected))}."), state: null, RemindEvery, RemindEvery);
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            _latest[change.ResourceId] = change;
            if (isDone(expected))
                return;
        }
    }

    /// <summary>Nothing will change by itself any more: each resource is healthy, has failed, or is held up by one that has.</summary>
    bool IsSettled(Dictionary<string, int> expected)
    {
        var failed = Failed().Select(change => change.Resource.Name).ToHashSet(StringComparer.Ordinal);
        // Its address is known when it runs; that it cannot start holds nothing else up.
        if (model.Resources.Any(resource => resource.Name == ModelExtensions.Dashboard) && DashboardLink() is null && !Of(ModelExtensions.Dashboard).Any(change => change.Snapshot.HasEnded()))
            return false;
        return expected.All(entry => failed.Contains(entry.Key)
            || Of(entry.Key).Count(IsReady) >= entry.Value
            || Blocked(failed).Any(resource => resource.Name == entry.Key));
    }

    bool IsReady(Dictionary<string, int> expected) => expected.All(entry => Of(entry.Key).Count(IsReady) >= entry.Value);

    IEnumerable<string> Waiting(Dictionary<string, int> expected) => expected
        .Where(entry => Of(entry.Key).Count(IsReady) < entry.Value)
        .Select(entry => $"{entry.Key} ({(Of(entry.Key).FirstOrDefault() is { } change ? WhyNotReady(change) : "not started")})");

    IEnumerable<ResourceEvent> Of(string name) => _latest.Values.Where(change => change.Resource.Name == name);

    /// <summary>What did not start, or ended and will not come up by itself; the others that ended are being started again.</summary>
    IEnumerable<ResourceEvent> Failed() => _latest.Values.Where(change => !change.Resource.IsHidden()
        && (change.Snapshot.State?.Text == KnownResourceStates.FailedToStart || (change.Snapshot.HasEnded() && supervisor.HasFailed(change))));

    /// <summary>What waits, directly or through others, for one that has failed.</summary>
    IEnumerable<IResource> Blocked(HashSet<string> failed)
    {
        var blocked = new HashSet<string>(failed, StringComparer.Ordinal);
        var before = 0;
        while (before != blocked.Count)
        {
            before = blocked.Count;
            blocked.UnionWith(model.Resources
                .Where(resource => resource.Annotations.OfType<WaitAnnotation>().Any(wait => blocked.Contains(wait.Resource.Name)) || (resource is IResourceWithParent child && blocked.Contains(child.Parent.Name)))
                .Select(resource => resource.Name));
        }

        return model.Parts().Where(resource => blocked.Contains(resource.Name) && !failed.Contains(resource.Name));
    }

    static bool IsReady(ResourceEvent change) => change.Snapshot.HealthStatus is HealthStatus.Healthy || change.Snapshot.State?.Text == KnownResourceStates.Active;

    static string WhyNotReady(ResourceEvent change)
    {
        var complaint = change.Snapshot.HealthReports.FirstOrDefault(report => report.Status is not HealthStatus.Healthy && !string.IsNullOrEmpty(report.Description))?.Description;
        return change.Snapshot.State?.Text == KnownResourceStates.Running && complaint is not null ? $"{StateOf(change)}: {complaint}" : StateOf(change);
    }

    static string StateOf(ResourceEvent change)
    {
        var state = change.Snapshot.State?.Text ?? "unknown";
        if (change.Snapshot.ExitCode is { } code && KnownResourceStates.TerminalStates.Contains(state))
            return $"{state}, exit code {code}";
        return state != KnownResourceStates.Running ? state : change.Snapshot.HealthStatus?.ToString() ?? state;
    }

    static string? Address(IResource resource, string? endpointName = null)
    {
        var endpoints = resource is IResourceWithEndpoints owner ? owner.GetEndpoints().Where(endpoint => endpoint.IsAllocated).ToArray() : [];
        var chosen = endpoints.FirstOrDefault(endpoint => endpoint.EndpointName == (endpointName ?? "public")) ?? endpoints.FirstOrDefault();
        return chosen is null ? null : chosen.IsHttp || chosen.IsHttps ? chosen.Url : $"{chosen.Host}:{chosen.Port}";
    }

    /// <summary>With the token that signs its reader in, as Aspire prints it; null where the dashboard is off.</summary>
    string? DashboardLink() => Of(ModelExtensions.Dashboard).SelectMany(change => change.Snapshot.Urls).Select(url => url.Url)
        .FirstOrDefault(url => url.Contains("/login", StringComparison.Ordinal));

    string Summary(IReadOnlyList<CatalogSource> libraries, string? setup)
    {
        var text = new SummaryTable("resource", "state", "address");
        foreach (var resource in model.Parts())
        {
            ResourceEvent[] instances = [.. Of(resource.Name)];
            var state = string.Join(", ", instances.Select(StateOf).Distinct(StringComparer.Ordinal));
            text.Add(resource.Name, instances.Length > 1 ? $"{state} ({instances.Length})" : state.Length > 0 ? state : "-", Address(resource) ?? "");
        }

        ResourceEvent[] failures = [.. Failed().Where(failure => failure.Resource is not IResourceWithParent)];
        if (failures.Length > 0)
        {
            foreach (var failure in failures)
            {
                var held = Blocked(new HashSet<string>([failure.Resource.Name], StringComparer.Ordinal)).Select(resource => resource.Name).ToArray();
                text.Note($"{failure.Resource.Name} failed: {StateOf(failure)}; its last lines above say why.{(held.Length > 0 ? $" Held up by it: {string.Join(", ", held)}." : "")}");
            }

            return text.ToString();
        }

        using var self = Process.GetCurrentProcess();
        text.Note($"Console  {links.Console}  (ready in {(_time.GetUtcNow().UtcDateTime - self.StartTime.ToUniversalTime()).TotalSeconds:0.0} s)");
        if (setup is not null)
            text.Note($"Sign in  {setup}  (once, to make the first account)");
        if (DashboardLink() is { } dashboard)
            text.Note($"Traces   {dashboard}  (Aspire's dashboard)");
        text.Note($"Data     {data.Path}{(data.IsTemporary ? "  (temporary, goes at exit)" : "")}");
        foreach (var library in options.Libraries)
            text.Note($"Library  {library}  {CatalogSources.Describe(libraries, library)}");
        if (options.Libraries.Count == 0)
            text.Note("Library  none; give one with --library DIR");
        return text.ToString();
    }
}
