using Jarvis.Catalog.Semantic;
using Jarvis.ServiceDefaults;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

public static class SemanticRegistration
{
    /// <summary>Bytes of an answer: the longest vectors of the largest request, as JSON.</summary>
    private const long MaxAnswerBytes = 128L * 1_048_576;

    /// <summary>Search by meaning, with the provider of section <c>Embeddings</c>; without one nothing runs in the background and nothing is sent.</summary>
    public static WebApplicationBuilder AddSemanticSearch(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<EmbeddingOptions>().BindConfiguration("Embeddings").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SemanticIndex>();
        builder.Services.AddSingleton<SemanticSearch>();
        builder.Services.AddSingleton<EmbeddingState>();
        builder.Services.AddSingleton<EmbeddingMetrics>();
        if (string.IsNullOrEmpty(builder.Configuration["Embeddings:Model"]))
            return builder;

        builder.Services.AddSingleton<EmbeddingPipeline>();
        // Not a client of the factory: its default pipeline would not repeat a POST, and gives up too soon for a model.
        builder.Services.AddKeyedSingleton("embeddings", (_, _) => CreateHttpClient());
        builder.Services.AddSingleton<IEmbeddingProvider>(services => ActivatorUtilities.CreateInstance<HttpEmbeddings>(services, services.GetRequiredKeyedService<HttpClient>("embeddings")));
        builder.Services.AddSingleton<IEmbeddingStore, PostgresEmbeddings>();
        builder.Services.AddSingleton<QueryVectors>();
        builder.Services.AddSingleton<ICountedCache>(services => services.GetRequiredService<QueryVectors>().Cache);
        builder.Services.AddSingleton<EmbeddingRound>();
        builder.Services.AddHostedService<EmbeddingWorker>();
        builder.Services.AddHealthChecks().AddCheck<EmbeddingHealth>("embeddings", HealthStatus.Degraded, [HealthTags.Part]);
        return builder;
    }

    /// <summary>For the provider only; the pipeline sets the time limit of each try.</summary>
    internal static HttpClient CreateHttpClient() => new(new CorrelationHandler(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // The texts go where the settings say and nowhere else.
        AllowAutoRedirect = false,
        UseCookies = false,
    }.WithAllHeaderBytes()))
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };
}
