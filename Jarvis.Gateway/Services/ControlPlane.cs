using System.Text.Json;
using Jarvis.ServiceDefaults;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy;

namespace Jarvis.Gateway.Services;

/// <summary>What came of asking all processes.</summary>
/// <param name="Unreachable">Who did not answer in time or failed: <c>service/instance</c>, or the service alone where only its address is known.</param>
/// <param name="Partial">Whether there may be more replicas than were asked: Redis, which knows them, is away for this gateway or for a service.</param>
internal sealed record Heard(IReadOnlyList<ControlReply> Replies, IReadOnlyList<string> Unreachable, bool Partial);

/// <summary>
/// Asks every process of Jarvis: over Redis each replica, and where a service has none there (or Redis is away) the one replica that answers at each of its addresses.
/// </summary>
internal sealed class ControlPlane(
    ControlBus bus, IInstanceRegistry registry, ControlDispatcher here, InstanceIdentity own, IProxyStateLookup proxy,
    [FromKeyedServices(ControlPlane.ClientName)] HttpClient client, IOptions<ServiceOptions> options)
{
    public const string ClientName = "services-control";

    /// <summary>This service's own name.</summary>
    public string Service => own.Service;

    /// <summary>Asks those services that <paramref name="isMeant"/> says; all when it is null.</summary>
    public async Task<Heard> AskAsync(string kind, object? args, CancellationToken cancellationToken, Func<string, bool>? isMeant = null)
    {
        isMeant ??= static _ => true;
        var self = isMeant(own.Service) ? AnswerHereAsync(kind, args, cancellationToken) : Task.FromResult<ControlReply?>(null);
        var known = await registry.ListAsync(cancellationToken);
        var others = (known ?? []).Where(instance => instance.Instance != own.Instance && isMeant(instance.Service)).ToArray();
        var replies = others.Length == 0 ? [] : await bus.AskAsync(kind, args, others, TimeSpan.FromMilliseconds(options.Value.AskMs), cancellationToken);
        // Without the bus nobody was asked.
        var reached = replies is null ? [] : others;
        var services = reached.Select(instance => instance.Service).ToHashSet(StringComparer.Ordinal);
        var direct = await Task.WhenAll(Addresses().Where(one => isMeant(one.Service) && !services.Contains(one.Service))
            .Select(async one => (one.Service, Reply: await AnswerThereAsync(one.Address, kind, args, cancellationToken))));
        var mine = await self;

        var answers = (replies ?? []).Where(reply => !reply.Failed).ToArray();
        var answered = answers.Select(reply => reply.Instance).ToHashSet(StringComparer.Ordinal);
        return new(
            [.. answers, .. direct.Select(one => one.Reply).OfType<ControlReply>(), .. mine is { Failed: false } ? [mine] : Array.Empty<ControlReply>()],
            [
                .. reached.Where(instance => !answered.Contains(instance.Instance)).Select(instance => $"{instance.Service}/{instance.Instance}"),
                .. direct.Where(one => one.Reply is null).Select(one => one.Service).Distinct(StringComparer.Ordinal),
                .. mine is { Failed: true } ? [$"{own.Service}/{own.Instance}"] : Array.Empty<string>(),
            ],
            known is null || replies is null || direct.Length > 0);
    }

    /// <summary>A bare client: one that retries or waits behind an open circuit would make the caller wait too.</summary>
    public static HttpClient CreateClient(SecurityOptions security)
    {
        var sockets = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1), AllowAutoRedirect = false, UseProxy = false };
        var client = new HttpClient(new CorrelationHandler(sockets.WithAllHeaderBytes()));
        // It asks services of this Jarvis, and nobody else.
        if (security.ServiceKey.Length > 0)
            client.DefaultRequestHeaders.Add(ServiceKey.Header, security.ServiceKey);
        return client;
    }

    private IEnumerable<(string Service, string? Address)> Addresses() =>
        proxy.GetClusters().OrderBy(cluster => cluster.ClusterId, StringComparer.Ordinal).SelectMany(cluster =>
            cluster.DestinationsState.AllDestinations.Select(destination => (string?)destination.Model.Config.Address).DefaultIfEmpty()
                .Select(address => (cluster.ClusterId, address)));

    private async Task<ControlReply?> AnswerHereAsync(string kind, object? args, CancellationToken cancellationToken) =>
        await here.HandleAsync("", kind, Json(args), cancellationToken);

    private async Task<ControlReply?> AnswerThereAsync(string? address, string kind, object? args, CancellationToken cancellationToken)
    {
        if (address is null)
            return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.AskMs);
        try
        {
            using var response = await client.PostAsJsonAsync(new Uri(new Uri(address), ControlApi.Path), new ControlQuestion(kind, Json(args)), JsonRules.Options, limit.Token);
            return response.IsSuccessStatusCode && await response.Content.ReadFromJsonAsync<Envelope<ControlReply>>(JsonRules.Options, limit.Token) is { Data: { Failed: false } reply } ? reply : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static JsonElement? Json(object? args) => args is null ? null : JsonSerializer.SerializeToElement(args, JsonRules.Options);
}
