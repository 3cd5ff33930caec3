using Jarvis.ServiceDefaults.Health;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>
/// What this process says of itself. Its address comes to it when its server listens and none of its checks with
/// <see cref="HealthTags.Ready"/> is unhealthy.
/// </summary>
public sealed class OwnAnnouncement(
    InstanceIdentity own, IServiceProvider services, IHostApplicationLifetime lifetime, IOptions<RegistryOptions> options,
    IOptions<SecurityOptions> security, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private volatile Announcement _current = Announcement.Of(own, null, "");

    public Announcement Current => _current;

    /// <summary>Waits until this process is ready for requests, and adds its address.</summary>
    internal async Task GetReadyAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Announce)
            return;
        await StartedAsync(cancellationToken);
        while (!await IsReadyAsync(cancellationToken))
            await Task.Delay(LookAgain, time, cancellationToken);
        if (Find() is { } address)
            _current = Announcement.Of(own, address, security.Value.ServiceKey);
    }

    private string? Find() =>
        options.Value.Address is { Length: > 0 } given ? ProcessAddress.Parse(given)?.GetLeftPart(UriPartial.Authority)
        : ProcessAddress.Choose(services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);

    private static bool IsOfReadiness(HealthCheckRegistration check) => check.Tags.Contains(HealthTags.Ready);

    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return services.GetService<HealthCheckService>() is not { } checks
                || (await checks.CheckHealthAsync(IsOfReadiness, cancellationToken)).Status != HealthStatus.Unhealthy;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
