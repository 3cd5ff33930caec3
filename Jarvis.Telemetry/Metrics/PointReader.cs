using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.Telemetry.Metrics;

/// <summary>
/// Reads the body of <c>POST metrics/track</c>: one point, <c>{"points": […]}</c>, or a bare array, and names every wrong field of every
/// point (the first <see cref="FieldErrors.MaxFields"/> of them, with the count of all).
/// </summary>
public sealed class PointReader
{
    public const int MaxPoints = 10_000;
    public const int MaxNameLength = 200;
    // Sums and averages of values up to here stay within a double.
    public const double MaxValue = 1e100;
    private const int MaxTags = 32;
    private const int MaxTagNameLength = 64;

    /// <summary>Of the samples of the hosts that Jarvis runs on; nobody else writes them.</summary>
    public const string OwnPrefix = "host.";
    private const int MaxTagLength = 256;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_.-/");

    private readonly (DateTimeOffset Earliest, DateTimeOffset Latest) _window;
    private readonly DateTimeOffset _now;
    private readonly FieldErrors _errors = new();

    private PointReader(DateTimeOffset now, (DateTimeOffset, DateTimeOffset) window)
    {
        _now = now;
        _window = window;
    }

    /// <summary>Reads and checks all points; a point without a timestamp is of <paramref name="now"/>.</summary>
    /// <exception cref="FailureException">Something is wrong: 422, and nothing is stored.</exception>
    public static IReadOnlyList<MetricPoint> Read(JsonElement body, DateTimeOffset now, (DateTimeOffset Earliest, DateTimeOffset Latest) window)
    {
        var reader = new PointReader(now, window);
        var points = reader.ReadBody(body);
        reader.ThrowIfWrong();
        return points;
    }

    public static bool IsName(string? name) => name is { Length: > 0 and <= MaxNameLength } && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    private List<MetricPoint> ReadBody(JsonElement body)
    {
        switch (body.ValueKind)
        {
            case JsonValueKind.Array:
                return ReadMany(body, "");
            case JsonValueKind.Object when body.TryGetProperty("points", out var points):
                if (points.ValueKind == JsonValueKind.Array)
                    return ReadMany(points, "points");
                Wrong("points", "must be an array");
                return [];
            case JsonValueKind.Object:
                return ReadPoint(body, "") is { } point ? [point] : [];
            default:
                Wrong("body", "must be a point, an object with points, or an array of points");
                return [];
        }
    }

    private List<MetricPoint> ReadMany(JsonElement array, string path)
    {
        var count = array.GetArrayLength();
        if (count is 0 or > MaxPoints)
        {
            Wrong(path.Length == 0 ? "body" : path, $"must have 1 to {MaxPoints} points, has {count}");
            return [];
        }
        var points = new List<MetricPoint>(count);
        var index = 0;
        foreach (var item in array.EnumerateArray())
        {
            var at = $"{path}[{index++}]";
            if (item.ValueKind != JsonValueKind.Object)
                Wrong(at, "must be an object");
            else if (ReadPoint(item, $"{at}.") is { } point)
                points.Add(point);
        }
        return points;
    }

    private MetricPoint? ReadPoint(JsonElement item, string prefix)
    {
        var wrongBefore = _errors.Count;
        var name = item.TryGetProperty("metric_name", out var given) && given.ValueKind == JsonValueKind.String ? Text(given) : null;
        if (!IsName(name))
            Wrong($"{prefix}metric_name", $"must be 1 to {MaxNameLength} characters of a-z, 0-9, '_', '.', '-', '/'");
        else if (name!.StartsWith(OwnPrefix, StringComparison.Ordinal))
            Wrong($"{prefix}metric_name", $"must not begin with '{OwnPrefix}': these are Jarvis' own samples of its hosts");
        var value = item.TryGetProperty("value", out var number) && number.ValueKind == JsonValueKind.Number ? number.GetDouble() : double.NaN;
        if (!(Math.Abs(value) <= MaxValue))
            Wrong($"{prefix}value", "must be a number between -1e100 and 1e100");
        var at = ReadTime(item, prefix);
        var tags = ReadTags(item, prefix);
        return _errors.Count == wrongBefore ? new MetricPoint(name!, at, value, tags) : null;
    }

    private DateTimeOffset ReadTime(JsonElement item, string prefix)
    {
        if (!item.TryGetProperty("timestamp", out var given) || given.ValueKind == JsonValueKind.Null)
            return _now;
        if (given.ValueKind != JsonValueKind.String
            || !DateTimeOffset.TryParse(Text(given), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
        {
            Wrong($"{prefix}timestamp", "must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
            return _now;
        }
        if (at > _window.Latest)
            Wrong($"{prefix}timestamp", "must not lie more than 5 minutes in the future");
        else if (at < _window.Earliest)
            Wrong($"{prefix}timestamp", $"must not be older than what is kept ({Math.Round((_now - _window.Earliest).TotalDays)} days)");
        return at;
    }

    private byte[]? ReadTags(JsonElement item, string prefix)
    {
        if (!item.TryGetProperty("tags", out var tags) || tags.ValueKind == JsonValueKind.Null)
            return null;
        if (tags.ValueKind != JsonValueKind.Object)
        {
            Wrong($"{prefix}tags", "must be an object");
            return null;
        }
        var checkedTags = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var count = 0;
        foreach (var tag in tags.EnumerateObject())
        {
            // Every member counts, a wrong one too: a body may have millions.
            if (count++ == MaxTags)
            {
                Wrong($"{prefix}tags", $"must have at most {MaxTags} tags");
                break;
            }
            if (Name(tag) is not { Length: > 0 and <= MaxTagNameLength } name || name.Contains('\0'))
                Wrong($"{prefix}tags", $"must have names of 1 to {MaxTagNameLength} characters");
            else if (!IsTag(tag.Value))
                Wrong($"{prefix}tags.{name}", $"must be a text of at most {MaxTagLength} characters, a number, or a boolean");
            else if (!checkedTags.TryAdd(name, tag.Value))
                Wrong($"{prefix}tags.{name}", "is given more than once");
        }
        return checkedTags.Count == 0 ? null : JsonSerializer.SerializeToUtf8Bytes(checkedTags);
    }

    private static bool IsTag(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Text(value) is { Length: <= MaxTagLength } text && !text.Contains('\0'),
        JsonValueKind.Number => double.IsFinite(value.GetDouble()),
        JsonValueKind.True or JsonValueKind.False => true,
        _ => false,
    };

    // Half a surrogate pair in an escape is JSON by its grammar, but no text.
    private static string? Text(JsonElement value) => Text(value, static text => text.GetString());

    private static string? Name(JsonProperty tag) => Text(tag, static named => named.Name);

    private static string? Text<T>(T json, Func<T, string?> read)
    {
        try
        {
            return read(json);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private void Wrong(string field, string message) => _errors.Add(field, message);

    private void ThrowIfWrong()
    {
        if (_errors.Count == 0)
            return;
        var (wrong, named) = (_errors.Count, _errors.Messages);
        throw new Failure(ErrorCode.Validation, $"{(wrong == 1 ? "One field is" : $"{wrong} fields are")} wrong: {string.Join(", ", named.Keys)}{(wrong > named.Count ? ", …" : "")}.")
        {
            Errors = named,
            Extensions = new(StringComparer.Ordinal) { ["error_count"] = wrong },
        }.AsException();
    }
}
