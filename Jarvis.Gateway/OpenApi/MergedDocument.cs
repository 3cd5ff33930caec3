using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Yarp.ReverseProxy;

namespace Jarvis.Gateway.OpenApi;

/// <summary>The API description of all of Jarvis. Who reads it gets what is there, at once; when that is old, it is made anew behind the answer.</summary>
internal sealed class MergedDocument(
    ServiceDocuments services, [FromKeyedServices(ContractOpenApi.DocumentName)] IOpenApiDocumentProvider own, IProxyStateLookup proxy,
    IOptions<ContractDocumentOptions> options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const string Gateway = "gateway";

    private static readonly JsonObject Info = new()
    {
        ["title"] = "Jarvis",
        ["summary"] = "A self-hosted command center for agents, commands, skills, MCP servers and workflows.",
        ["description"] = "Successes come in an envelope, `{\"success\": true, \"data\": …, \"metadata\": …}`. Failures are problems (RFC 9457) with an `error_code`. Names are in snake_case, times in UTC, durations in milliseconds.",
        ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
        ["version"] = "2.0",
    };

    private readonly Lock _lock = new();
    private volatile Made? _made;
    private Task<Made>? _making;

    public async ValueTask<Made> GetAsync(CancellationToken cancellationToken)
    {
        if (_made is not { } made)
            return await MakeAsync().WaitAsync(cancellationToken);
        if (time.GetElapsedTime(made.At) > TimeSpan.FromSeconds(made.Stale.Count == 0 ? options.Value.CacheSeconds : options.Value.RetrySeconds))
            _ = MakeAsync();
        return made;
    }

    /// <summary>One at a time, for all who wait.</summary>
    internal Task<Made> MakeAsync()
    {
        lock (_lock)
        {
            if (_making is null or { IsCompleted: true })
                _making = MakeOneAsync(lifetime.ApplicationStopping);
            return _making;
        }
    }

    private async Task<Made> MakeOneAsync(CancellationToken cancellationToken)
    {
        var (documents, stale) = await services.ReadAsync(cancellationToken);
        var routes = new ExposedRoutes(proxy);
        var document = DocumentMerger.Merge(Info, [new(Gateway, await OwnAsync(cancellationToken)), .. documents],
            (service, path, method) => service == Gateway || routes.ServiceOf(path, method) == service);
        var json = JsonSerializer.SerializeToUtf8Bytes(document, JsonRules.Options);
        var tag = Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 8));
        return _made = new(PreparedBody.Whole(json, "application/json; charset=utf-8", tag), stale, time.GetTimestamp());
    }

    private async Task<JsonObject> OwnAsync(CancellationToken cancellationToken)
    {
        var document = await own.GetOpenApiDocumentAsync(cancellationToken);
        return (JsonObject)JsonNode.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken))!;
    }

    /// <summary>The document, ready to be sent.</summary>
    /// <param name="Stale">Services that did not answer when it was made.</param>
    internal sealed record Made(PreparedBody Body, IReadOnlyList<string> Stale, long At);
}
