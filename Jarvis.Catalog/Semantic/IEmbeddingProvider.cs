namespace Jarvis.Catalog.Semantic;

/// <summary>What the vectors are for: resources wait patiently, a search does not.</summary>
public enum EmbeddingPurpose
{
    Document,
    Query,
}

/// <summary>Vectors in the order of the texts, finite, not zero and of one length; and what they cost in tokens, 0 when the provider does not say.</summary>
public sealed record EmbeddingAnswer(IReadOnlyList<float[]> Vectors, long Tokens);

/// <summary>A model that turns texts into vectors.</summary>
public interface IEmbeddingProvider
{
    /// <summary>One request, repeated for resources when that may help.</summary>
    /// <exception cref="EmbeddingException">It did not answer, or not with what was asked for.</exception>
    Task<EmbeddingAnswer> EmbedAsync(IReadOnlyList<string> texts, EmbeddingPurpose purpose, CancellationToken cancellationToken);
}

/// <summary>Why there are no vectors.</summary>
public enum EmbeddingFault
{
    /// <summary>No answer, or 5xx.</summary>
    Unavailable,

    /// <summary>429.</summary>
    Throttled,

    /// <summary>Several failures in a row: nothing was sent.</summary>
    CircuitOpen,

    /// <summary>400, 413 or 422: a text of the request may be at fault.</summary>
    InputRefused,

    /// <summary>401, 403, 404 and the like: the settings are wrong.</summary>
    Refused,

    /// <summary>An answer that is not what the API promises.</summary>
    BadAnswer,
}

/// <summary>The provider gave no vectors. The message is for the user: it has neither the key nor the texts.</summary>
public sealed class EmbeddingException(EmbeddingFault fault, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public EmbeddingFault Fault { get; } = fault;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    public bool IsTransient => Fault is EmbeddingFault.Unavailable or EmbeddingFault.Throttled;
}
