using System.Collections.Concurrent;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Health;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace Jarvis.Gateway.Health;

/// <summary>
/// Asks every service that the proxy knows for its <c>/health</c>. One round serves all who ask within <see cref="ServicesHealthOptions.CacheMs"/>.
/// </summary>
internal sealed class ServicesHealthMonitor(
    IProxyStateLookup proxy, [FromKeyedServices(ServicesHealthMonitor.ClientName)] HttpClient client, IOptions<ServicesHealthOptions> options, TimeProvider time) : IDisposable
{
    public const string ClientName = "services-health";
    private readonly SemaphoreSlim _round = new(1, 1);
    private readonly ConcurrentDictionary<string, (string Status, DateTimeOffset Since)> _states = new(StringComparer.Ordinal);
    private OverallHealth? _last;

    public async Task<OverallHealth> GetAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } fresh)
            return fresh;
        await _round.WaitAsync(cancellationToken);
        try
        {
            return Fresh() ?? (_last = await AskAllAsync(cancellationToken));
        }
        finally
        {
            _round.Release();
        }
    }

    public void Dispose() => _round.Dispose();

    private OverallHealth? Fresh() =>
        _last is { } last && time.GetUtcNow() - last.CheckedAt < TimeSpan.FromMilliseconds(options.Value.CacheMs) ? last : null;

    private async Task<OverallHealth> AskAllAsync(CancellationToken cancellationToken)
    {
        // Probes are not part of anybody's request.
        using var untraced = SuppressInstrumentationScope.Begin();
        var services = await Task.WhenAll(proxy.GetClusters().OrderBy(cluster => cluster.ClusterId, StringComparer.Ordinal)
            .Select(async cluster => (cluster.ClusterId, Health: await AskAsync(cluster, cancellationToken))));
        var all = services.ToDictionary(service => service.ClusterId, service => service.Health, StringComparer.Ordinal);
        var status = all.Values.Any(service => service is { Required: true, Status: States.Unhealthy }) ? States.Unhealthy
            : all.Values.Any(service => service.Status != States.Healthy) ? States.Degraded
            : States.Healthy;
        return new OverallHealth(status, time.GetUtcNow(), all);
    }

    private async Task<ServiceHealth> AskAsync(ClusterState cluster, CancellationToken cancellationToken)
    {
        var destinations = cluster.DestinationsState.AllDestinations;
        var replicas = await Task.WhenAll(destinations.Select(destination => AskAsync(destination.Model.Config.Address, cancellationToken)));
        var answers = replicas.Select(replica => replica.Answer).OfType<HealthAnswer>().ToArray();
        var worst = answers.MaxBy(answer => States.Severity(answer.Status));
        var status = worst is null ? States.Unhealthy
            : answers.Length < replicas.Length && worst.Status == States.Healthy ? States.Degraded
            : worst.Status;
        return new ServiceHealth(
            status,
            !options.Value.Optional.Contains(cluster.ClusterId, StringComparer.OrdinalIgnoreCase),
            replicas.Select(replica => replica.LatencyMs).DefaultIfEmpty().Max(),
            Since(cluster.ClusterId, status),
            new ReplicaCount(replicas.Length, answers.Length),
            worst?.Checks ?? new Dictionary<string, HealthCheckAnswer>(StringComparer.Ordinal),
            worst is null ? "does not answer" : null);
    }

    private async Task<(HealthAnswer? Answer, double LatencyMs)> AskAsync(string address, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.TimeoutMs);
        var started = time.GetTimestamp();
        HealthAnswer? answer = null;
        try
        {
            // 503 has a body too: it says what is wrong.
            using var response = await client.GetAsync(new Uri(new Uri(address), Extensions.HealthPath), limit.Token);
            answer = await response.Content.ReadFromJsonAsync<HealthAnswer>(JsonRules.Options, limit.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or System.Text.Json.JsonException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Not answering is the answer.
        }
        return (answer, Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 2));
    }

    private DateTimeOffset Since(string service, string status)
    {
        var now = time.GetUtcNow();
        return _states.AddOrUpdate(service, (status, now), (_, before) => before.Status == status ? before : (status, now)).Since;
    }
}

internal static class States
{
    public const string Healthy = "healthy";
    public const string Degraded = "degraded";
    public const string Unhealthy = "unhealthy";

    public static int Severity(string status) => status switch { Healthy => 0, Degraded => 1, _ => 2 };
}
