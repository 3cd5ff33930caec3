using System.Text.Encodings.Web;
using System.Text.Json;

namespace Jarvis.Catalog.Formats;

/// <summary>The fields of front matter with their secrets masked, and what of them was hidden.</summary>
public sealed class MaskedFields
{
    private const int ShortestInText = 8;

    // Each is looked for in the whole text: beyond these nothing of it is shown.
    private const int MostInText = 256;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly HashSet<string> Runs = new(["env", "environment", "headers", "hooks"], StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, object?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<KeyValuePair<string, string>> _blocks = [];
    private readonly List<string> _hidden = [];

    public MaskedFields(FrontMatter matter)
    {
        foreach (var (key, value) in matter.Values)
        {
            var before = _hidden.Count;
            var masked = key.Equals(LooseServers.Key, StringComparison.OrdinalIgnoreCase)
                ? matter.State == FrontMatterState.Yaml ? InlineServers.Masked(key, value, "", _hidden) : value
                : IsRun(key) ? OfRun(key, value) : Masked(key, value);
            _values[key] = masked;
            if (_hidden.Count > before)
                _blocks.Add(new(key, JsonSerializer.Serialize(masked, Plain)));
        }
    }

    public IReadOnlyDictionary<string, object?> Values => _values;

    /// <summary>The fields with a secret, as JSON.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Blocks => _blocks;

    /// <summary>All fields as JSON, which is YAML too.</summary>
    public string ToJson() => JsonSerializer.Serialize(_values, Plain);

    /// <summary>Values that were hidden.</summary>
    public int Count => _hidden.Count;

    /// <summary>Whether what stands below the key is given to a program.</summary>
    public static bool IsRun(string key) => Runs.Contains(key);

    /// <summary>The text without what was hidden, should it stand there too.</summary>
    public string Hide(string text)
    {
        var hidden = _hidden.Where(secret => secret.Length >= ShortestInText).Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length).ToList();
        return hidden.Count > MostInText ? $"{SecretMask.Shown}\n"
            : hidden.Aggregate(text, (current, secret) => current.Replace(secret, SecretMask.Shown, StringComparison.Ordinal));
    }

    private object? OfRun(string key, object? value)
    {
        // Of front matter that is no YAML all lines are one text.
        if (value is not string text)
            return InlineServers.Masked(key, value, "", _hidden);
        var shown = new SecretMask().Whole(text, prose: false);
        if (shown != text)
            _hidden.Add(text);
        return shown;
    }

    private object? Masked(string key, object? value)
    {
        switch (value)
        {
            case Dictionary<string, object?> map:
                return map.ToDictionary(pair => pair.Key, pair => IsRun(pair.Key) ? OfRun(pair.Key, pair.Value) : Masked(pair.Key, pair.Value), StringComparer.OrdinalIgnoreCase);
            case List<object?> list:
                return list.ConvertAll(item => Masked(key, item));
            case string text:
                var shown = SecretValues.IsNamed(key, text) ? SecretMask.Shown : LiteralSecrets.Mask(text, TextSort.Prose).Text;
                if (!ReferenceEquals(shown, text))
                    _hidden.Add(text);
                return shown;
            default:
                return value;
        }
    }
}
