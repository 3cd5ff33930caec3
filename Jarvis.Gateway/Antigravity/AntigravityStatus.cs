using Jarvis.Gateway.Circuits;
using Jarvis.Gateway.Health;
using Jarvis.Gateway.HotCache;
using Jarvis.Gateway.Services;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Health;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Antigravity;

/// <summary>Puts together what the rest of the gateway knows anyway.</summary>
internal sealed class AntigravityStatus
{
    /// <summary>Metres of altitude when nothing pulls down.</summary>
    public const double Ceiling = 1_000;

    public const string Formula = "1000 * services.up / services.total * circuits.closed / circuits.total * (1 - requests.error_rate)";

    private readonly ServicesDirectory _services;
    private readonly ServicesHealthMonitor _health;
    private readonly CircuitsOfAll _circuits;
    private readonly ICacheDirectory _caches;
    private readonly HotAnswers _hot;
    private readonly InstanceIdentity _own;
    private readonly TimeProvider _time;
    private readonly Refreshed<AntigravityReport> _report;

    public AntigravityStatus(
        ServicesDirectory services, ServicesHealthMonitor health, CircuitsOfAll circuits, ICacheDirectory caches, HotAnswers hot, InstanceIdentity own,
        IOptions<ServiceOptions> options, TimeProvider time)
    {
        (_services, _health, _circuits, _caches, _hot, _own, _time) = (services, health, circuits, caches, hot, own, time);
        var fresh = TimeSpan.FromMilliseconds(options.Value.CacheMs);
        _report = new(AskAsync, fresh, fresh, TimeSpan.FromMilliseconds(options.Value.AskMs), time);
    }

    public Task<AntigravityReport> GetAsync(CancellationToken cancellationToken) => _report.GetAsync(cancellationToken);

    /// <summary>Metres, 0 to <see cref="Ceiling"/>; nothing to be well is well.</summary>
    public static double Altitude(int up, int services, int closed, int circuits, double errorRate) =>
        Math.Round(Ceiling * Share(up, services) * Share(closed, circuits) * (1 - errorRate), 1);

    private async Task<AntigravityReport> AskAsync(CancellationToken cancellationToken)
    {
        var (asked, listed, counted) = (_services.GetAsync(cancellationToken), _circuits.ListAsync(cancellationToken), _caches.StatsAsync(cancellationToken));
        var health = await _health.GetAsync(cancellationToken);
        var (services, circuits, caches) = (await asked, await listed, await counted);

        var known = services.Services.Where(service => service.Health != States.Unknown).ToArray();
        var up = known.Count(service => service.Health != States.Unhealthy);
        var closed = circuits.CircuitBreakers.Count(circuit => circuit.State == CircuitStates.Closed);
        var requests = Requests(services, caches);
        var gateway = services.Services.Where(service => service.Name == _own.Service).SelectMany(service => service.Instances).Select(instance => instance.StartedAt).Append(_own.StartedAt).Min();
        var status = health.Status switch { States.Healthy => "floating", States.Degraded => "drifting", _ => "grounded" };
        return new(
            status, status == "grounded" ? "on" : "off", Message(status), Altitude(up, known.Length, closed, circuits.CircuitBreakers.Count, requests.ErrorRate), Formula,
            (long)(_time.GetUtcNow() - gateway).TotalMilliseconds,
            new(up, known.Length, services.Services.Sum(service => service.Replicas)),
            Parts(health.Parts),
            new(closed, circuits.CircuitBreakers.Count),
            requests, Caches(caches),
            services.Partial || circuits.Partial || caches.Partial);
    }

    private AntigravityRequests Requests(ServicesAnswer services, CachesAnswer caches)
    {
        var traffic = services.Services.Select(service => service.Traffic).OfType<ServiceTraffic>().ToArray();
        var perMinute = traffic.Sum(one => one.RequestsPerMinute);
        return new(
            traffic.Sum(one => one.TotalRequests), caches.Caches.Where(cache => cache.Service == _own.Service && cache.Name == _hot.Name).Sum(cache => cache.Hits),
            Math.Round(perMinute, 2), perMinute == 0 ? 0 : Math.Round(traffic.Sum(one => one.ErrorRate * one.RequestsPerMinute) / perMinute, 4),
            traffic.Max(one => one.P50Ms), traffic.Max(one => one.P95Ms));
    }

    private static AntigravityParts Parts(IReadOnlyDictionary<string, PartHealth> parts)
    {
        var unnamed = parts.Where(part => part.Value.Status == NotConfigured.Status).Select(part => part.Key).Order(StringComparer.Ordinal).ToArray();
        return new(parts.Values.Count(part => part.Status is States.Healthy or States.Degraded), parts.Count - unnamed.Length, unnamed);
    }

    private static AntigravityCaches Caches(CachesAnswer caches)
    {
        var (hits, misses) = (caches.Caches.Sum(cache => cache.Hits), caches.Caches.Sum(cache => cache.Misses));
        return new(caches.Caches.Count, caches.Caches.Sum(cache => (long)cache.Entries), caches.Caches.Sum(cache => cache.Bytes), hits, misses,
            hits + misses == 0 ? 0 : Math.Round((double)hits / (hits + misses), 4));
    }

    private static double Share(int part, int all) => all == 0 ? 1 : (double)part / all;

    private static string Message(string status) => status switch
    {
        "floating" => "All systems weightless. Please keep your hands and arms inside the cockpit.",
        "drifting" => "Still up, with a slight pull to one side. GET /health says which.",
        _ => "Gravity has been switched on. GET /health says by whom.",
    };
}
