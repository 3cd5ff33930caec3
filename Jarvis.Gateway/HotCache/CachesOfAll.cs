using Jarvis.Gateway.Health;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy;

namespace Jarvis.Gateway.HotCache;

/// <summary>The gateway's own caches and those of every service that it knows. A service without caches has no such route, which is an answer too.</summary>
internal sealed class CachesOfAll(
    LocalCaches own, IProxyStateLookup proxy, [FromKeyedServices(CachesOfAll.ClientName)] HttpClient client, IOptions<ServicesHealthOptions> limits) : ICacheDirectory
{
    public const string ClientName = "services-caches";

    public async Task<CachesAnswer> StatsAsync(CancellationToken cancellationToken)
    {
        var services = await AskAllAsync<CachesAnswer>(HttpMethod.Get, "/api/v2/cache/stats", cancellationToken);
        return new(
            [.. own.Stats(), .. services.SelectMany(service => service.Answer?.Caches.Select(cache => cache with { Service = service.Name }) ?? [])],
            Unreachable(services));
    }

    public async Task<ClearedAnswer> ClearAsync(string? name, CancellationToken cancellationToken)
    {
        var services = await AskAllAsync<ClearedAnswer>(HttpMethod.Post, $"/api/v2/cache/clear{(name is null ? "" : $"?cache={Uri.EscapeDataString(name)}")}", cancellationToken);
        // The gateway's last: it is filled from the others'.
        IReadOnlyList<string> cleared = [.. services.SelectMany(service => service.Answer?.Cleared ?? []), .. own.Clear(name)];
        var unreachable = Unreachable(services);
        if (name is not null && cleared.Count == 0 && unreachable.Count == 0)
            throw LocalCaches.NotFound(name, (await StatsAsync(cancellationToken)).Caches.Select(cache => cache.Name)).AsException();
        return new(cleared, unreachable);
    }

    private static IReadOnlyList<string> Unreachable<T>(IEnumerable<Asked<T>> services) =>
        [.. services.Where(service => !service.Answered).Select(service => service.Name).Distinct(StringComparer.Ordinal)];

    private async Task<IReadOnlyList<Asked<T>>> AskAllAsync<T>(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        var asked = proxy.GetClusters().OrderBy(cluster => cluster.ClusterId, StringComparer.Ordinal).SelectMany(cluster =>
            cluster.DestinationsState.AllDestinations.Select(destination => destination.Model.Config.Address).DefaultIfEmpty()
                .Select(address => AskAsync<T>(cluster.ClusterId, method, address, path, cancellationToken)));
        return await Task.WhenAll(asked);
    }

    private async Task<Asked<T>> AskAsync<T>(string service, HttpMethod method, string? address, string path, CancellationToken cancellationToken)
    {
        if (address is null)
            return new(service, false, default);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(limits.Value.TimeoutMs);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(new Uri(address), path));
            using var response = await client.SendAsync(request, limit.Token);
            if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
                return new(service, true, default);
            var answer = response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<Envelope<T>>(JsonRules.Options, limit.Token) : null;
            return new(service, answer is not null, answer is null ? default : answer.Data);
        }
        catch (Exception exception) when (exception is HttpRequestException or System.Text.Json.JsonException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new(service, false, default);
        }
    }

    /// <summary>A bare client: one that retries or waits behind an open circuit would make the caller wait too.</summary>
    public static HttpClient CreateClient() => new(new CorrelationHandler(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) }));

    private sealed record Asked<T>(string Name, bool Answered, T? Answer);
}
