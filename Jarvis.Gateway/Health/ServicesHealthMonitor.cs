using Jarvis.Gateway.Services;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Health;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace Jarvis.Gateway.Health;

/// <summary>
/// Asks every service that the proxy knows for its <c>/health</c>, and the gateway's own checks. One round serves all who ask within
/// <see cref="ServicesHealthOptions.CacheMs"/>.
/// </summary>
internal sealed class ServicesHealthMonitor
{
    public const string ClientName = "services-health";
    private readonly IProxyStateLookup _proxy;
    private readonly HttpClient _client;
    private readonly OwnHealth _own;
    private readonly IInstanceRegistry _registry;
    private readonly InstanceIdentity _identity;
    private readonly ServicesHealthOptions _options;
    private readonly TimeProvider _time;
    private readonly StateMemory _memory;
    private readonly PartsOfAll _parts;
    private readonly StateTimes _times;
    private readonly Refreshed<OverallHealth> _health;

    public ServicesHealthMonitor(
        IProxyStateLookup proxy, [FromKeyedServices(ClientName)] HttpClient client, OwnHealth own, SharedSince since, IInstanceRegistry registry, InstanceIdentity identity,
        IOptions<ServicesHealthOptions> options, TimeProvider time)
    {
        (_proxy, _client, _own, _registry, _identity, _options, _time) = (proxy, client, own, registry, identity, options.Value, time);
        _memory = new(time);
        _parts = new(_memory);
        _times = new(_memory, since);
        _health = new(
            AskAllAsync, TimeSpan.FromMilliseconds(_options.CacheMs), TimeSpan.FromMilliseconds(_options.CacheMs + _options.TimeoutMs),
            TimeSpan.FromMilliseconds(_options.PatienceMs), time);
    }

    public Task<OverallHealth> GetAsync(CancellationToken cancellationToken) => _health.GetAsync(cancellationToken);

    private async Task<OverallHealth> AskAllAsync(CancellationToken cancellationToken)
    {
        // Probes are not part of anybody's request.
        using var untraced = SuppressInstrumentationScope.Begin();
        var registered = _registry.ListAsync(cancellationToken);
        var asked = _proxy.GetClusters().Where(cluster => cluster.ClusterId != _identity.Service).Select(async cluster => (Name: cluster.ClusterId, Health: await AskAsync(cluster, cancellationToken)))
            .Append(AskOwnAsync(cancellationToken));
        var services = (await Task.WhenAll(asked)).OrderBy(service => service.Name, StringComparer.Ordinal)
            .ToDictionary(service => service.Name, service => service.Health, StringComparer.Ordinal);
        var parts = _parts.Of(services).ToDictionary(part => part.Key, part => part.Value, StringComparer.Ordinal);
        // This one is there in any case.
        var instances = (await registered ?? []).Where(one => one.Instance != _identity.Instance).Append(_identity).ToArray();
        foreach (var (name, service) in services)
            services[name] = service with { Replicas = service.Replicas.Of(instances.Count(one => one.Service == name)) };
        await _times.AgreeAsync(services, parts, instances, cancellationToken);
        var down = services.Values.Any(service => service is { Required: true, Status: States.Unhealthy }) || parts.Values.Any(part => part is { Required: true, Status: States.Unhealthy });
        var well = services.Values.All(service => States.IsWell(service.Status)) && parts.Values.All(part => States.IsWell(part.Status));
        return new OverallHealth(down ? States.Unhealthy : well ? States.Healthy : States.Degraded, _time.GetUtcNow(), services, parts);
    }

    private async Task<(string Name, ServiceHealth Health)> AskOwnAsync(CancellationToken cancellationToken) =>
        (_identity.Service, Of(_identity.Service, [await _own.AskAsync(cancellationToken)]));

    private async Task<ServiceHealth> AskAsync(ClusterState cluster, CancellationToken cancellationToken) =>
        Of(cluster.ClusterId, await Task.WhenAll(cluster.DestinationsState.AllDestinations.Select(destination => AskAsync(destination.Model.Config.Address, cancellationToken))));

    private ServiceHealth Of(string service, (HealthAnswer? Answer, double LatencyMs)[] replicas)
    {
        var answers = replicas.Select(replica => replica.Answer).OfType<HealthAnswer>().ToArray();
        var worst = answers.MaxBy(answer => States.Severity(answer.Status));
        var status = worst is null ? States.Unhealthy
            : answers.Length < replicas.Length && worst.Status == States.Healthy ? States.Degraded
            : worst.Status;
        return new ServiceHealth(
            status,
            !_options.Optional.Contains(service, StringComparer.OrdinalIgnoreCase),
            replicas.Select(replica => replica.LatencyMs).DefaultIfEmpty().Max(),
            _memory.Since($"service {service}", status),
            new ReplicaCount(replicas.Length, answers.Length),
            worst?.Checks ?? new Dictionary<string, HealthCheckAnswer>(StringComparer.Ordinal),
            worst is null ? "does not answer" : null);
    }

    private async Task<(HealthAnswer? Answer, double LatencyMs)> AskAsync(string address, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.TimeoutMs);
        var started = _time.GetTimestamp();
        HealthAnswer? answer = null;
        try
        {
            // 503 has a body too: it says what is wrong.
            using var response = await _client.GetAsync(new Uri(new Uri(address), Extensions.HealthPath), limit.Token);
            answer = await response.Content.ReadFromJsonAsync<HealthAnswer>(JsonRules.Options, limit.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or System.Text.Json.JsonException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Not answering is the answer.
        }
        return (answer is { Status: not null, Checks: not null } ? answer : null, Math.Round(_time.GetElapsedTime(started).TotalMilliseconds, 2));
    }
}
