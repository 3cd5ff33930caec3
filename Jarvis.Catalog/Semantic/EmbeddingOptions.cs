using System.ComponentModel.DataAnnotations;

namespace Jarvis.Catalog.Semantic;

/// <summary>
/// The model that turns texts into vectors; section <c>Embeddings</c>. The texts are the user's own, so nothing is sent anywhere unless a model,
/// its provider and, for anything but a local Ollama, its address are named.
/// </summary>
public sealed record EmbeddingOptions : IValidatableObject
{
    private static readonly string[] Providers = ["openai", "ollama"];

    /// <summary>The API that the provider speaks: <c>openai</c> (OpenAI, vLLM, LM Studio, llama.cpp, …) or <c>ollama</c>.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Such as <c>http://localhost:1234/v1</c>; for Ollama <c>http://localhost:11434</c> when empty.</summary>
    public string BaseUrl { get; init; } = "";

    /// <summary>Sent as a bearer token; never logged or shown.</summary>
    [MaxLength(4_096)]
    public string ApiKey { get; init; } = "";

    /// <summary>As the provider names it; empty when there is no semantic search.</summary>
    [MaxLength(200)]
    public string Model { get; init; } = "";

    /// <summary>Numbers of a vector, for models that can shorten theirs; null takes what the model gives.</summary>
    [Range(1, 8_192)]
    public int? Dimensions { get; init; }

    /// <summary>Texts of one request.</summary>
    [Range(1, 512)]
    public int BatchSize { get; init; } = 32;

    /// <summary>Requests at a time while resources are embedded.</summary>
    [Range(1, 32)]
    public int MaxConcurrency { get; init; } = 2;

    /// <summary>Seconds that one request may take.</summary>
    [Range(1, 600)]
    public int TimeoutSeconds { get; init; } = 60;

    /// <summary>Characters of a resource that are embedded; the rest is cut off, since models read only so much.</summary>
    [Range(100, 32_000)]
    public int MaxInputChars { get; init; } = 4_000;

    /// <summary>Put before each resource's text, for models that ask for it, such as <c>search_document: </c>.</summary>
    [MaxLength(1_000)]
    public string DocumentPrefix { get; init; } = "";

    /// <summary>Put before each query, for models that ask for it, such as <c>search_query: </c>.</summary>
    [MaxLength(1_000)]
    public string QueryPrefix { get; init; } = "";

    /// <summary>Milliseconds that a search waits for its query's vector; then it is lexical.</summary>
    [Range(50, 30_000)]
    public int QueryTimeoutMs { get; init; } = 2_000;

    /// <summary>Bytes of the vectors of queries that are kept, those that were not asked for lately go first; 0 keeps none.</summary>
    [Range(0, 1_073_741_824)]
    public long QueryCacheBytes { get; init; } = 16_777_216;

    /// <summary>Cosine below which a resource is no result; models differ in what is near.</summary>
    [Range(-1.0, 1.0)]
    public double MinScore { get; init; }

    /// <summary>Further tries of a request that failed while resources are embedded; queries are tried once.</summary>
    [Range(0, 10)]
    public int MaxRetries { get; init; } = 3;

    /// <summary>Milliseconds before the first retry; doubled with jitter before each further one.</summary>
    [Range(1, 60_000)]
    public int BaseDelayMs { get; init; } = 500;

    /// <summary>Seconds: the longest wait between two tries, also when <c>Retry-After</c> asks for more.</summary>
    [Range(1, 3_600)]
    public int MaxDelaySeconds { get; init; } = 300;

    /// <summary>Days after which a stored vector that no catalog has needed is deleted.</summary>
    [Range(1, 3_650)]
    public int KeepUnusedDays { get; init; } = 30;

    public bool IsConfigured => Model.Length > 0;

    /// <summary>What vectors are comparable: those of one model, read in one way.</summary>
    public string Key => Dimensions is { } length ? $"{Provider}:{Model}@{length}" : $"{Provider}:{Model}";

    /// <summary><paramref name="path"/> below the base address.</summary>
    public Uri Address(string path)
    {
        var given = BaseUrl.Length == 0 ? "http://localhost:11434" : BaseUrl;
        return new(new Uri(given.EndsWith('/') ? given : $"{given}/"), path);
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsConfigured && (Provider.Length > 0 || BaseUrl.Length > 0))
            yield return new("Embeddings:Model is empty: name the model, or remove Embeddings:Provider and Embeddings:BaseUrl.", [nameof(Model)]);
        if (IsConfigured && !Providers.Contains(Provider, StringComparer.Ordinal))
            yield return new($"Embeddings:Provider must be one of {string.Join(", ", Providers)}.", [nameof(Provider)]);
        if (IsConfigured && Provider == "openai" && BaseUrl.Length == 0)
            yield return new("Embeddings:BaseUrl is empty: say where your texts may go, such as http://localhost:1234/v1 or https://api.openai.com/v1.", [nameof(BaseUrl)]);
        if (BaseUrl.Length > 0 && !(Uri.TryCreate(BaseUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Query: "", Fragment: "", UserInfo: "" }))
            yield return new("Embeddings:BaseUrl must be an http or https address without user name, query and fragment.", [nameof(BaseUrl)]);
        if (ApiKey.AsSpan().ContainsAnyExceptInRange('!', '~'))
            yield return new("Embeddings:ApiKey has characters that no HTTP header may have.", [nameof(ApiKey)]);
    }

    /// <summary>Without the key: a record would print it.</summary>
    public override string ToString() => IsConfigured ? Key : "not configured";
}
