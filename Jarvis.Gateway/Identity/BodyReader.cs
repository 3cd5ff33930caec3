using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.Gateway.Identity;

/// <summary>Reads the fields of a request's body and collects what is wrong with each, so that one answer names all of it.</summary>
internal sealed class BodyReader
{
    private readonly JsonElement _body;
    private readonly FieldErrors _errors = new();

    /// <summary>Takes the body as it was parsed.</summary>
    /// <exception cref="FailureException">400: it is no JSON object.</exception>
    public BodyReader(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw Failure.Malformed("The body must be a JSON object.").AsException();
        _body = body;
    }

    public bool Has(string name) => _body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A text as it stands, without control characters; empty when it is missing or wrong.</summary>
    public string Text(string name, int maxLength)
    {
        if (OptionalText(name, maxLength) is { } text)
            return text;
        if (!Has(name))
            Wrong(name, "is required");
        return "";
    }

    public string? OptionalText(string name, int maxLength)
    {
        if (!Has(name))
            return null;
        if (StringOf(_body.GetProperty(name)) is not { } text)
            Wrong(name, "must be a text of valid Unicode");
        else if (text.Length == 0 || text.Length > maxLength)
            Wrong(name, $"must have 1 to {maxLength} characters");
        else if (text.Any(char.IsControl))
            Wrong(name, "must not have control characters");
        else
            return text;
        return null;
    }

    public string OneOf(string name, string fallback, params ReadOnlySpan<string> allowed)
    {
        if (!Has(name))
            return fallback;
        if (StringOf(_body.GetProperty(name)) is { } text && allowed.Contains(text))
            return text;
        Wrong(name, $"must be one of {string.Join(", ", allowed!)}");
        return fallback;
    }

    public bool? Flag(string name)
    {
        if (!Has(name))
            return null;
        if (_body.GetProperty(name).ValueKind is JsonValueKind.True or JsonValueKind.False)
            return _body.GetProperty(name).GetBoolean();
        Wrong(name, "must be true or false");
        return null;
    }

    public int? Whole(string name, int min, int max)
    {
        if (!Has(name))
            return null;
        if (_body.GetProperty(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) && value >= min && value <= max)
            return value;
        Wrong(name, $"must be a whole number between {min} and {max}");
        return null;
    }

    /// <summary>Distinct words of a list; null when it is missing or wrong.</summary>
    public IReadOnlyList<string>? Words(string name, IReadOnlyList<string> allowed)
    {
        if (!Has(name))
            return null;
        var list = _body.GetProperty(name);
        var words = list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Take(allowed.Count + 1).Select(StringOf).ToList() : [];
        if (words.Count > 0 && words.Count <= allowed.Count && words.TrueForAll(word => word is not null && allowed.Contains(word, StringComparer.Ordinal)))
            return [.. words.OfType<string>().Distinct(StringComparer.Ordinal)];
        Wrong(name, $"must be a list of 1 to {allowed.Count} of {string.Join(", ", allowed)}");
        return null;
    }

    public void Wrong(string name, string message) => _errors.Add(name, message);

    /// <summary>Throws the 422 that names every wrong field, when there is one.</summary>
    public void ThrowIfWrong() => _errors.ThrowIfAny();

    private static string? StringOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString();
        }
        catch (Exception exception) when (exception is InvalidOperationException or DecoderFallbackException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }
}
