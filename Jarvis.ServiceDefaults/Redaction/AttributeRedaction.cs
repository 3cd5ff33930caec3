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

/// <summary>What becomes of an attribute.</summary>
/// <param name="Kind">The rule for its values.</param>
/// <param name="Name">What it is recorded as; null for its own name.</param>
public sealed record AttributeRule(AttributeKind Kind, string? Name);

/// <summary>What spans may say, told by the names of their attributes (https://opentelemetry.io/docs/specs/semconv/registry/attributes/).</summary>
/// <param name="recordPrompts">Whether what is said to models, and what they answer, is recorded.</param>
public sealed class AttributeRedaction(bool recordPrompts)
{
    // Names come from exporters too: whoever makes up new ones all the time must not fill the memory.
    private const int MaxKinds = 4_096;
    private const int MaxKeyLength = 128;

    private readonly ConcurrentDictionary<string, AttributeRule> _rules = new(StringComparer.Ordinal);

    /// <summary>As it is when nobody wants prompts to be recorded.</summary>
    public static AttributeRedaction Strict { get; } = new(recordPrompts: false);

    public AttributeRule RuleOf(string key)
    {
        if (_rules.TryGetValue(key, out var known))
            return known;
        // Somebody may have put a secret where names stand.
        var rule = new AttributeRule(AttributeNames.KindOf(key, recordPrompts), TextRedaction.Redact(key) is var name && ReferenceEquals(name, key) ? null : name);
        if (key.Length <= MaxKeyLength && _rules.Count < MaxKinds)
            _rules.TryAdd(key, rule);
        return rule;
    }

    public AttributeRule RuleOf(ReadOnlySpan<char> key) =>
        _rules.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var known) ? known : RuleOf(key.ToString());

    /// <summary>False when the value has nothing to hide: a quick look before a slow one.</summary>
    public static bool MayHide(AttributeKind kind, ReadOnlySpan<char> value) => kind switch
    {
        AttributeKind.Plain => false,
        AttributeKind.Text or AttributeKind.Statement or AttributeKind.Url => TextRedaction.MayHide(value),
        _ => true,
    };

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
        string text => Redact(RuleOf(key).Kind, text),
        string?[] texts => Redact(RuleOf(key).Kind, texts),
        Uri address => Redact(AttributeKind.Url, address.ToString()),
        null or IConvertible or IFormattable => value,
        Array array when array.GetType().GetElementType() is { IsPrimitive: true } => value,
        // Exporters write its text.
        _ => value.ToString() is { } text && Redact(RuleOf(key).Kind, text) is var clean && !ReferenceEquals(clean, text) ? clean : value,
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
