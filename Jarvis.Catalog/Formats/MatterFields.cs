using System.Globalization;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>Front matter as typed values. What is not of its type is left out and noted (<c>field_invalid</c>); a word that nobody knows stays, and is noted
/// too (<c>field_unknown_value</c>), since clients learn new ones.</summary>
public sealed class MatterFields(FileReading file, FrontMatter matter, ResourceKind kind)
{
    public FrontMatter Matter { get; } = matter;

    public string? Text(string key)
    {
        if (Matter.Values.GetValueOrDefault(key) is Dictionary<string, object?>)
            Invalid(key, "a text");
        return Matter.Text(key);
    }

    /// <summary>A list or a text of items.</summary>
    /// <param name="atBlanks">Whether blanks separate items where no comma does, as agentskills.io has it.</param>
    public IReadOnlyList<string> List(string key, bool atBlanks = false)
    {
        var value = Matter.Values.GetValueOrDefault(key);
        if (value is Dictionary<string, object?> || (value is List<object?> list && list.Exists(item => item is not string)))
            Invalid(key, "a list of texts");
        return value is string text ? [.. FrontMatter.Split(text, atBlanks)] : [.. Matter.List(key)];
    }

    public bool? Flag(string key)
    {
        switch (Given(key))
        {
            case null:
                return null;
            case string text when bool.TryParse(text, out var flag):
                return flag;
            default:
                Invalid(key, "true or false");
                return null;
        }
    }

    /// <summary>A whole number from 1.</summary>
    public int? Count(string key)
    {
        switch (Given(key))
        {
            case null:
                return null;
            case string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0:
                return count;
            default:
                Invalid(key, "a whole number from 1");
                return null;
        }
    }

    /// <summary>A word, one of those that are known when all is well.</summary>
    public string? Word(string key, Func<string, bool> isKnown, string known)
    {
        if (Text(key) is not { } word)
            return null;
        if (!isKnown(word))
            Note(DiagnosticState.Ok, "field_unknown_value", $"{key} is '{Clip(word)}', which is not known.", $"Known are {known}.", key);
        return word;
    }

    public string? Word(string key, params string[] known) => Word(key, word => known.Contains(word, StringComparer.Ordinal), string.Join(", ", known));

    /// <summary>A mapping of texts.</summary>
    public IReadOnlyDictionary<string, string>? Map(string key)
    {
        switch (Given(key))
        {
            case null:
                return null;
            case Dictionary<string, object?> map:
                if (map.Values.Any(value => value is not string))
                    Invalid(key, "a mapping of texts");
                return map.Where(pair => pair.Value is string).ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal);
            default:
                Invalid(key, "a mapping of texts");
                return null;
        }
    }

    /// <summary>The keys of a mapping: of hooks their events.</summary>
    public IReadOnlyList<string> Keys(string key)
    {
        switch (Given(key))
        {
            case null:
                return [];
            case Dictionary<string, object?> map:
                return [.. map.Keys.Order(StringComparer.Ordinal)];
            default:
                Invalid(key, "a mapping");
                return [];
        }
    }

    public void Note(DiagnosticState state, string code, string reason, string fix, string? key = null, DiagnosticSeverity? severity = null) =>
        file.Note(kind, state, code, reason, fix, (key is null ? null : Matter.LineOf(key)) ?? 1, severity);

    /// <summary>As much of a text as a sentence bears.</summary>
    public static string Clip(string text) => text.Length <= 60 ? text : $"{text[..(char.IsHighSurrogate(text[59]) ? 59 : 60)]}…";

    private object? Given(string key) => Matter.Values.GetValueOrDefault(key) switch
    {
        string text => text.Trim() is { Length: > 0 } given ? given : null,
        var value => value,
    };

    private void Invalid(string key, string expected) =>
        Note(DiagnosticState.Degraded, "field_invalid", $"{key} is not {expected}; what does not fit was left out.", $"Write {expected}, or take {key} out.", key);
}
