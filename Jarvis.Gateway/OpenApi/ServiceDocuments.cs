using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace Jarvis.Gateway.OpenApi;

/// <summary>The documents of the services behind the proxy: as they tell them now, else as they last did, else as they were when this gateway was built.</summary>
internal sealed partial class ServiceDocuments(
    IProxyStateLookup proxy, IHttpClientFactory clients, IOptions<ContractDocumentOptions> options, ILogger<ServiceDocuments> logger)
{
    public const string ClientName = "openapi";
    private readonly ConcurrentDictionary<string, JsonObject> _known = new(StringComparer.Ordinal);

    /// <summary>The merged document of the time when this gateway was built; a service's part is what the proxy's routes send to it.</summary>
    internal static JsonObject Committed { get; } = ReadCommitted();

    /// <summary>Asks all services at once.</summary>
    /// <returns>The documents by service, and the services that did not answer now.</returns>
    public async Task<(IReadOnlyList<ServiceDocument> Documents, IReadOnlyList<string> Stale)> ReadAsync(CancellationToken cancellationToken)
    {
        // Whoever happened to ask first did not ask for this.
        using var untraced = SuppressInstrumentationScope.Begin();
        var clusters = proxy.GetClusters().OrderBy(cluster => cluster.ClusterId, StringComparer.Ordinal).ToList();
        var answers = await Task.WhenAll(clusters.Select(cluster => AskAsync(cluster, cancellationToken)));
        var stale = new List<string>();
        foreach (var (cluster, answer) in clusters.Zip(answers))
        {
            if (answer is null)
                stale.Add(cluster.ClusterId);
            else
                _known[cluster.ClusterId] = answer;
        }
        return ([.. clusters.Select(cluster => new ServiceDocument(cluster.ClusterId, _known.GetValueOrDefault(cluster.ClusterId, Committed)))], stale);
    }

    private async Task<JsonObject?> AskAsync(ClusterState cluster, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.TimeoutMs);
        foreach (var destination in cluster.DestinationsState.AllDestinations)
        {
            try
            {
                using var client = clients.CreateClient(ClientName);
                var bytes = await client.GetByteArrayAsync(new Uri(new Uri(destination.Model.Config.Address), ContractOpenApi.Path), limit.Token);
                if (JsonNode.Parse(bytes) is JsonObject document && document["paths"] is JsonObject)
                    return document;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogNoDocument(exception, cluster.ClusterId);
            }
        }
        return null;
    }

    private static JsonObject ReadCommitted()
    {
        using var stream = typeof(ServiceDocuments).Assembly.GetManifestResourceStream("Jarvis.Gateway.OpenApi.v2.json");
        return stream is null ? [] : JsonSerializer.Deserialize<JsonObject>(stream) ?? [];
    }

    [LoggerMessage(EventId = 440, Level = LogLevel.Debug, Message = "The {Service} service did not describe its API; its last description stays")]
    private partial void LogNoDocument(Exception exception, string service);
}
