using System.Globalization;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Lists;

/// <summary>Reads a query string and collects what is wrong with each parameter, so that one answer names all of it.</summary>
public sealed class QueryReader(IQueryCollection query)
{
    private const int MaxRepeats = 20;
    private readonly FieldErrors _errors = new();

    /// <summary>A text without control characters; null when it is not given.</summary>
    public string? Text(string name, int maxLength = 200)
    {
        var value = query[name].ToString();
        Check(name, value, maxLength);
        return value.Length == 0 ? null : value;
    }

    /// <summary>Each value of a parameter that may be given several times.</summary>
    public IReadOnlyList<string> Texts(string name, int maxLength = 200)
    {
        var values = query[name].OfType<string>().Where(value => value.Length > 0).ToList();
        values.ForEach(value => Check(name, value, maxLength));
        if (values.Count > MaxRepeats)
            Wrong(name, $"must not be given more than {MaxRepeats} times");
        return values;
    }

    public int Whole(string name, int fallback, int min, int max)
    {
        if (!query.TryGetValue(name, out var given))
            return fallback;
        if (int.TryParse(given.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Wrong(name, max == int.MaxValue ? $"must be a whole number from {min}" : $"must be between {min} and {max}");
        return fallback;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } given)
            return null;
        if (DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var value))
            return value;
        Wrong(name, "must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
        return null;
    }

    /// <summary>One of <paramref name="allowed"/>, or null when the parameter is absent.</summary>
    public string? OneOf(string name, params IReadOnlyCollection<string> allowed)
    {
        if (Text(name) is not { } given)
            return null;
        if (allowed.Contains(given, StringComparer.Ordinal))
            return given;
        Wrong(name, $"must be one of {string.Join(", ", allowed)}");
        return null;
    }

    public void Wrong(string name, string message) => _errors.Add(name, message);

    /// <summary>Throws the 422 that names every wrong parameter, when there is one.</summary>
    public void ThrowIfWrong() => _errors.ThrowIfAny();

    // No database takes a NUL, and no name has a line end: told here, it is the caller's fault and not the server's.
    private void Check(string name, string value, int maxLength)
    {
        if (value.Length > maxLength)
            Wrong(name, $"must have at most {maxLength} characters");
        else if (value.Any(char.IsControl))
            Wrong(name, "must not have control characters");
    }
}
