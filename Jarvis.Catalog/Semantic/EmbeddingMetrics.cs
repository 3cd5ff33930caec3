using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Semantic;

/// <summary>What embeddings cost, as metrics of the process and for <c>GET catalog/embeddings</c>.</summary>
public sealed class EmbeddingMetrics
{
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _texts;
    private readonly Counter<long> _failures;
    private readonly KeyValuePair<string, object?> _model;
    private long _documentTokens;
    private long _queryTokens;

    public EmbeddingMetrics(IMeterFactory meters, IOptions<EmbeddingOptions> options)
    {
        var meter = meters.Create("Jarvis.Catalog");
        _tokens = meter.CreateCounter<long>("jarvis.catalog.embedding_tokens", "{token}", "Tokens that the embedding provider counted");
        _texts = meter.CreateCounter<long>("jarvis.catalog.embeddings", "{text}", "Texts that were embedded");
        _failures = meter.CreateCounter<long>("jarvis.catalog.embedding_failures", "{request}", "Requests to the embedding provider that gave no vectors");
        _model = new("model", options.Value.Key);
    }

    /// <summary>Since the process began.</summary>
    public long DocumentTokens => Volatile.Read(ref _documentTokens);

    /// <summary>Since the process began.</summary>
    public long QueryTokens => Volatile.Read(ref _queryTokens);

    public void Answered(EmbeddingPurpose purpose, int texts, long tokens)
    {
        if (purpose == EmbeddingPurpose.Document)
            Interlocked.Add(ref _documentTokens, tokens);
        else
            Interlocked.Add(ref _queryTokens, tokens);
        _tokens.Add(tokens, _model, Purpose(purpose));
        _texts.Add(texts, _model, Purpose(purpose));
    }

    public void Failed(EmbeddingPurpose purpose, EmbeddingFault fault) =>
        _failures.Add(1, _model, Purpose(purpose), new("reason", fault.ToString().ToLowerInvariant()));

    private static KeyValuePair<string, object?> Purpose(EmbeddingPurpose purpose) => new("purpose", purpose == EmbeddingPurpose.Document ? "document" : "query");
}
