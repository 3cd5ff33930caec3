using Jarvis.Catalog.Library;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Semantic;

/// <summary>Tokens that the provider counted since the process began.</summary>
public sealed record EmbeddingTokens(long Documents, long Queries);

/// <summary>How semantic search stands.</summary>
/// <param name="State"><c>off</c> (not configured), <c>ready</c>, <c>embedding</c>, <c>waiting</c> or <c>failing</c>.</param>
/// <param name="WaitsFor">What a state of <c>waiting</c> waits for.</param>
/// <param name="Host">Where the texts go.</param>
/// <param name="Dimensions">Null until a vector is there.</param>
/// <param name="Embedded">Resources that have a vector.</param>
/// <param name="Pending">Resources that will get one.</param>
/// <param name="Refused">Texts that the provider would not take; each is offered again after an hour.</param>
/// <param name="LastError">Stays after all is well again.</param>
public sealed record EmbeddingsAnswer(
    string State, string? WaitsFor, string? Provider, string? Model, string? Host, int? Dimensions, int Embedded, int Total, int Pending, int Refused,
    EmbeddingError? LastError, EmbeddingTokens Tokens);

/// <summary>Whether resources can be found by meaning, and what is in the way.</summary>
public static class EmbeddingsApi
{
    public static IEndpointRouteBuilder MapEmbeddings(this IEndpointRouteBuilder api)
    {
        api.MapGet("/catalog/embeddings", Get).WithTags("Search")
            .WithName("get-embeddings").WithSummary("The embedding provider, how many resources have a vector, the last error and the tokens used");
        return api;
    }

    private static Enveloped<EmbeddingsAnswer> Get(
        SemanticIndex index, CatalogStore catalog, EmbeddingState state, EmbeddingMetrics metrics, IOptions<EmbeddingOptions> options)
    {
        var embeddings = options.Value;
        var tokens = new EmbeddingTokens(metrics.DocumentTokens, metrics.QueryTokens);
        var total = catalog.Current?.Entries.Count ?? 0;
        if (!embeddings.IsConfigured)
            return Enveloped.Ok(new EmbeddingsAnswer("off", null, null, null, null, null, 0, total, 0, 0, null, tokens));

        var (embedded, refused) = (index.Latest?.Embedded ?? 0, state.Refused);
        total = index.Latest?.Total ?? total;
        var pending = Math.Max(0, total - embedded - refused);
        var word = state.Failing is not null ? "failing" : state.WaitsFor is not null ? "waiting" : pending > 0 || index.Latest is null ? "embedding" : "ready";
        return Enveloped.Ok(new EmbeddingsAnswer(
            word, state.WaitsFor, embeddings.Provider, embeddings.Model, embeddings.Address("").Host, index.Latest?.Dimensions ?? embeddings.Dimensions,
            embedded, total, pending, refused, state.LastError, tokens));
    }
}
