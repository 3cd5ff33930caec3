using System.Text.Json;
using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Semantic;

/// <summary>
/// The two APIs as they are on the wire: OpenAI's <c>POST /embeddings</c> (platform.openai.com/docs/api-reference/embeddings) and Ollama's
/// <c>POST /api/embed</c> (docs.ollama.com/api/embed).
/// </summary>
public static class EmbeddingFormat
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        MaxDepth = 16,
    };

    public static string Path(EmbeddingOptions options) => options.Provider == "ollama" ? "api/embed" : "embeddings";

    public static byte[] Request(EmbeddingOptions options, IReadOnlyList<string> texts) => options.Provider == "ollama"
        ? JsonSerializer.SerializeToUtf8Bytes(new OllamaRequest(options.Model, texts, options.Dimensions), Json)
        : JsonSerializer.SerializeToUtf8Bytes(new OpenAiRequest(options.Model, texts, "float", options.Dimensions), Json);

    /// <summary>The vectors in the order of the texts.</summary>
    /// <exception cref="EmbeddingException">The answer is not what was asked for.</exception>
    public static EmbeddingAnswer Read(EmbeddingOptions options, byte[] answer, int count)
    {
        try
        {
            var (vectors, tokens) = options.Provider == "ollama" ? ReadOllama(answer) : ReadOpenAi(answer, count);
            return new(Verified(vectors, count, options.Dimensions), Math.Max(0, tokens));
        }
        catch (JsonException)
        {
            throw Bad("its answer is not the JSON that was asked for");
        }
    }

    /// <summary>What the provider says of an error, in either API's shape; null when it says nothing readable.</summary>
    public static string? ErrorOf(byte[] answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            if (json.RootElement is not { ValueKind: JsonValueKind.Object } root)
                return null;
            if (root.TryGetProperty("error", out var error))
                return error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var inner) ? Text(inner) : Text(error);
            return root.TryGetProperty("message", out var message) ? Text(message) : null;
        }
        catch (JsonException)
        {
            return null;
        }

        static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;
    }

    private static (IReadOnlyList<float[]?> Vectors, long Tokens) ReadOllama(byte[] answer)
    {
        var read = JsonSerializer.Deserialize<OllamaAnswer>(answer, Json);
        return (read?.Embeddings ?? throw Bad(Without(answer, "embeddings")), read.PromptEvalCount ?? 0);
    }

    private static (IReadOnlyList<float[]?> Vectors, long Tokens) ReadOpenAi(byte[] answer, int count)
    {
        var read = JsonSerializer.Deserialize<OpenAiAnswer>(answer, Json);
        var data = read?.Data ?? throw Bad(Without(answer, "data"));
        var vectors = new float[]?[data.Count];
        if (data.Count != count)
            return (vectors, 0);
        for (var i = 0; i < count; i++)
        {
            // Servers may leave the index out; the order is the texts' then.
            var at = data[i]?.Index ?? i;
            if (at < 0 || at >= count || vectors[at] is not null)
                throw Bad("its answer numbers the vectors wrongly");
            vectors[at] = data[i]?.Embedding;
        }

        return (vectors, read.Usage?.TotalTokens ?? read.Usage?.PromptTokens ?? 0);
    }

    private static List<float[]> Verified(IReadOnlyList<float[]?> vectors, int count, int? dimensions)
    {
        if (vectors.Count != count)
            throw Bad($"it answered with {vectors.Count} vectors for {count} texts");
        var verified = new List<float[]>(count);
        foreach (var vector in vectors)
        {
            if (vector is not { Length: > 0 })
                throw Bad("a vector of its answer is empty");
            var expected = dimensions ?? vectors[0]!.Length;
            if (vector.Length != expected)
                throw Bad($"a vector of its answer has {vector.Length} dimensions, not {expected}");
            if (!Array.TrueForAll(vector, float.IsFinite) || Array.TrueForAll(vector, value => value == 0))
                throw Bad("a vector of its answer has numbers that are not finite, or only zeros");
            verified.Add(vector);
        }

        return verified;
    }

    private static string Without(byte[] answer, string member) => ErrorOf(answer) is { } error ? $"it answered with an error: {error}" : $"its answer has no {member}";

    private static EmbeddingException Bad(string what) => new(EmbeddingFault.BadAnswer, what);

    private sealed record OpenAiRequest(string Model, IReadOnlyList<string> Input, string EncodingFormat, int? Dimensions);

    private sealed record OllamaRequest(string Model, IReadOnlyList<string> Input, int? Dimensions);

    private sealed record OpenAiAnswer(IReadOnlyList<OpenAiVector?>? Data, OpenAiUsage? Usage);

    private sealed record OpenAiVector(int? Index, float[]? Embedding);

    private sealed record OpenAiUsage(long? PromptTokens, long? TotalTokens);

    private sealed record OllamaAnswer(IReadOnlyList<float[]?>? Embeddings, long? PromptEvalCount);
}
