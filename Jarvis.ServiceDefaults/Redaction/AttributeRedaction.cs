using System.Collections.Concurrent;

namespace Jarvis.ServiceDefaults.Redaction;

/// <summary>Which rule an attribute's value goes through.</summary>
public enum AttributeKind
{
    /// <summary>Text, in which secrets are looked for.</summary>
    Text,

    /// <summary>Has a form of its own that holds no secret.</summary>
    Plain,

    /// <summary>A query without the rest of its address.</summary>
    Query,

    /// <summary>An address.</summary>
    Url,

    /// <summary>A statement of a database.</summary>
    Statement,

    /// <summary>Not recorded at all.</summary>
    Hidden,
}

/// <summary>What spans may say, told by the names of their attributes (https://opentelemetry.io/docs/specs/semconv/registry/attributes/).</summary>
/// <param name="recordPrompts">Whether what is said to models, and what they answer, is recorded.</param>
public sealed class AttributeRedaction(bool recordPrompts)
{
    // Names come from exporters too: whoever makes up new ones all the time must not fill the memory.
    private const int MaxKinds = 4_096;
    private const int MaxKeyLength = 128;

    private readonly ConcurrentDictionary<string, AttributeKind> _kinds = new(StringComparer.Ordinal);

    public AttributeKind KindOf(string key)
    {
        if (_kinds.TryGetValue(key, out var known))
            return known;
        var kind = AttributeNames.KindOf(key, recordPrompts);
        if (key.Length <= MaxKeyLength && _kinds.Count < MaxKinds)
            _kinds.TryAdd(key, kind);
        return kind;
    }

    public AttributeKind KindOf(ReadOnlySpan<char> key) =>
        _kinds.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var known) ? known : KindOf(key.ToString());

    /// <summary>The value as it may be recorded; the very same text when it has nothing to hide.</summary>
    public static string Redact(AttributeKind kind, string value) => kind switch
    {
        AttributeKind.Plain => value,
        AttributeKind.Query => QueryRedaction.Query(value),
        AttributeKind.Url => QueryRedaction.Url(value),
        AttributeKind.Statement => TextRedaction.Statement(value),
        AttributeKind.Hidden => QueryRedaction.Redacted,
        _ => TextRedaction.Redact(value),
    };

    /// <summary>The same for what an <see cref="System.Diagnostics.Activity"/> holds; numbers and truths hide nothing.</summary>
    public object? Redact(string key, object? value) => value switch
    {
        string text => Redact(KindOf(key), text),
        string?[] texts => Redact(KindOf(key), texts),
        Uri address => Redact(AttributeKind.Url, address.ToString()),
        null or IConvertible or IFormattable => value,
        Array array when array.GetType().GetElementType() is { IsPrimitive: true } => value,
        // Exporters write its text.
        _ => value.ToString() is { } text && Redact(KindOf(key), text) is var clean && !ReferenceEquals(clean, text) ? clean : value,
    };

    private static string?[] Redact(AttributeKind kind, string?[] texts)
    {
        var clean = Array.ConvertAll(texts, text => text is null ? null : Redact(kind, text));
        for (var i = 0; i < texts.Length; i++)
        {
            if (!ReferenceEquals(clean[i], texts[i]))
                return clean;
        }
        return texts;
    }
}
