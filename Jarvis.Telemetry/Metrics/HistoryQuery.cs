using System.Globalization;
using Jarvis.ServiceDefaults.Lists;

namespace Jarvis.Telemetry.Metrics;

/// <summary>
/// What <c>GET metrics/history</c> is asked for: a metric, a time range cut into equal steps, and what to make of each step's points, of
/// all or of those with given tags.
/// </summary>
/// <param name="GroupBy">A tag: each of its values gives a series of its own.</param>
public sealed record HistoryQuery(string MetricName, DateTimeOffset Since, DateTimeOffset Until, TimeSpan Step, string Aggregate, string? GroupBy = null)
{
    /// <summary>Series in one answer.</summary>
    public const int MaxSeries = 20;

    private const int MaxTags = 5;
    private const string HostMetrics = "host.";
    private const string HostTag = "host";

    /// <summary>Buckets in one answer.</summary>
    public const int MaxBuckets = 1_000;

    // A chart has some hundred points across; more are noise.
    private const int ChosenBuckets = 300;
    private static readonly TimeSpan DefaultRange = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestRange = TimeSpan.FromDays(3_650);

    private static readonly int[] Steps =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000];

    /// <summary>Tags that points must have.</summary>
    public IReadOnlyList<(string Name, string Value)> Tags { get; init; } = [];

    /// <summary>
    /// The tag that series are read by. Values of several hosts are no values of anything: what <c>host.*</c> gives is read by host, also
    /// when it is asked for in one series.
    /// </summary>
    public string? ReadBy => GroupBy ?? (IsOfAnyHost ? HostTag : null);

    private bool IsOfAnyHost => MetricName.StartsWith(HostMetrics, StringComparison.Ordinal) && !Tags.Any(tag => tag.Name == HostTag);

    public static ValueTask<HistoryQuery?> BindAsync(HttpContext context)
    {
        var reader = new QueryReader(context.Request.Query);
        var query = Read(reader, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        reader.ThrowIfWrong();
        return new(query);
    }

    /// <summary>Reads the parameters; what is wrong is told to <paramref name="reader"/>.</summary>
    public static HistoryQuery Read(QueryReader reader, DateTimeOffset now)
    {
        var name = reader.Text("metric_name") ?? "";
        if (!PointReader.IsName(name))
            reader.Wrong("metric_name", $"must be 1 to {PointReader.MaxNameLength} characters of a-z, 0-9, '_', '.', '-', '/'");
        var range = Duration(reader, "time_range");
        var until = reader.Time("until") ?? now;
        var since = reader.Time("since") ?? (until - DateTimeOffset.MinValue > LongestRange ? until - (range ?? DefaultRange) : until);
        if (range is not null && reader.Text("since") is not null)
            reader.Wrong("time_range", "must not be given beside since");
        if (since >= until)
            reader.Wrong("since", "must be earlier than until");
        else if (until - since > LongestRange)
            reader.Wrong("since", "must lie within ten years of until");
        var step = Duration(reader, "step") ?? StepFor(until - since);
        if (since < until && Buckets(since, until, step) > MaxBuckets)
            reader.Wrong("step", $"must be larger: the range holds at most {MaxBuckets} steps");
        var query = new HistoryQuery(name, since, until, step, reader.OneOf("aggregate", HistorySql.Aggregates) ?? "avg", reader.Text("group_by", 64)) { Tags = ReadTags(reader) };
        if (query.GroupBy is not (null or HostTag) && query.IsOfAnyHost)
            reader.Wrong("group_by", "needs one host beside it, tag=host:NAME: values of several hosts are no values of anything");
        return query;
    }

    private static List<(string, string)> ReadTags(QueryReader reader)
    {
        var tags = new List<(string, string)>();
        foreach (var given in reader.Texts("tag", 321))
        {
            if (tags.Count == MaxTags)
            {
                reader.Wrong("tag", $"must not be given more than {MaxTags} times");
                break;
            }
            if (given.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                tags.Add((given[..colon], given[(colon + 1)..]));
            else
                reader.Wrong("tag", "must be a tag's name and value, such as host:alpha");
        }
        return tags;
    }

    /// <summary>The smallest round step that cuts <paramref name="range"/> into at most 300 buckets.</summary>
    public static TimeSpan StepFor(TimeSpan range)
    {
        var wanted = range.TotalSeconds / ChosenBuckets;
        return TimeSpan.FromSeconds(Array.Find(Steps, step => step >= wanted) is > 0 and var found ? found : Steps[^1]);
    }

    /// <summary>Steps are aligned to 1970, so the first bucket may begin before <paramref name="since"/>.</summary>
    public static long Buckets(DateTimeOffset since, DateTimeOffset until, TimeSpan step)
    {
        var (first, end) = (since - DateTimeOffset.UnixEpoch, until - DateTimeOffset.UnixEpoch);
        return (long)(Math.Ceiling(end / step) - Math.Floor(first / step));
    }

    private static TimeSpan? Duration(QueryReader reader, string name)
    {
        if (reader.Text(name, 16) is not { } given)
            return null;
        if (TryParse(given, out var duration))
            return duration;
        reader.Wrong(name, "must be a whole number and a unit (s, m, h, d, w), from 1s to 520w, such as 24h");
        return null;
    }

    /// <summary>Parses <c>90s</c>, <c>15m</c>, <c>24h</c>, <c>7d</c>, <c>2w</c>.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        var unit = text[^1] switch
        {
            's' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMinute,
            'h' => TimeSpan.TicksPerHour,
            'd' => TimeSpan.TicksPerDay,
            'w' => 7 * TimeSpan.TicksPerDay,
            _ => 0,
        };
        if (unit == 0 || count == 0 || count > LongestRange.Ticks / unit)
            return false;
        duration = new TimeSpan(count * unit);
        return true;
    }
}
