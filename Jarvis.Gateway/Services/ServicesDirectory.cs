using Jarvis.Gateway.Health;
using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Services;

/// <summary>What is known of every service: the health that this gateway sees, the processes that Redis knows, and what all gateways measure.</summary>
internal sealed class ServicesDirectory
{
    /// <summary>No arguments; answered by gateways with a list of <see cref="ServiceFigures"/>.</summary>
    public const string FiguresKind = "services.figures";

    private static readonly string[] Worse = [CircuitStates.Closed, CircuitStates.HalfOpen, CircuitStates.Open, CircuitStates.Isolated];

    private readonly ControlPlane _control;
    private readonly IInstanceRegistry _registry;
    private readonly ServicesHealthMonitor _health;
    private readonly TimeProvider _time;
    private readonly Refreshed<ServicesAnswer> _answer;

    public ServicesDirectory(ControlPlane control, IInstanceRegistry registry, ServicesHealthMonitor health, IOptions<ServiceOptions> options, TimeProvider time)
    {
        (_control, _registry, _health, _time) = (control, registry, health, time);
        var fresh = TimeSpan.FromMilliseconds(options.Value.CacheMs);
        _answer = new(AskAsync, fresh, fresh, TimeSpan.FromMilliseconds(options.Value.AskMs), time);
    }

    public Task<ServicesAnswer> GetAsync(CancellationToken cancellationToken) => _answer.GetAsync(cancellationToken);

    private async Task<ServicesAnswer> AskAsync(CancellationToken cancellationToken)
    {
        var health = _health.GetAsync(cancellationToken);
        var figures = _control.AskAsync(FiguresKind, null, cancellationToken, IsGateway);
        var circuits = _control.AskAsync(CircuitCommands.List, null, cancellationToken, IsGateway);
        var instances = await _registry.ListAsync(cancellationToken);
        var (services, measured, breakers) = (await health, await figures, await circuits);

        var traffic = measured.Replies.SelectMany(reply => reply.As<IReadOnlyList<ServiceFigures>>() ?? []).ToLookup(one => one.Service, StringComparer.Ordinal);
        var states = breakers.Replies.SelectMany(reply => reply.As<IReadOnlyList<CircuitReport>>() ?? []).ToLookup(one => one.Name, one => one.State, StringComparer.Ordinal);
        var running = (instances ?? []).ToLookup(one => one.Service, StringComparer.Ordinal);
        var names = services.Services.Keys.Union(running.Select(service => service.Key), StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new(
            [.. names.Select(name => Row(name, services.Services.GetValueOrDefault(name), [.. running[name]], [.. states[name]], [.. traffic[name]]))],
            services.Parts,
            measured.Replies.Count, instances is null || measured.Partial || services.Services.Keys.Any(name => !running.Contains(name)));
    }

    private ServiceRow Row(string name, ServiceHealth? health, InstanceIdentity[] instances, string[] circuits, ServiceFigures[] traffic) => new(
        name, health?.Status ?? States.Unknown, health?.Required ?? false, health?.Since,
        instances.Length > 0 ? instances.Length : health?.Replicas.Known ?? 0,
        [.. instances.Select(one => new ServiceInstance(one.Instance, one.Version, one.StartedAt, (long)(_time.GetUtcNow() - one.StartedAt).TotalMilliseconds))],
        circuits.MaxBy(state => Array.IndexOf(Worse, state)),
        traffic.Length == 0 ? null : ServiceTraffic.Of(traffic));

    private bool IsGateway(string service) => service == _control.Service;
}
