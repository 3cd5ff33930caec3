using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.Telemetry.Metrics;

/// <summary>Puts the rows of a history into series, one for each value of the tag that they are read by.</summary>
internal sealed class MetricSeriesReader(HistoryQuery query)
{
    private readonly List<MetricSeries> _series = [];
    private List<MetricBucket> _buckets = [];

    public IReadOnlyList<MetricSeries> Series => _series;

    /// <summary>Adds a bucket; those of a series come one after the other.</summary>
    /// <exception cref="FailureException">422: more series than are shown, or several hosts in one.</exception>
    public void Add(string? tagValue, DateTimeOffset time, double value, long points)
    {
        if (_series.Count == 0 || _series[^1].TagValue != tagValue)
        {
            if (_series.Count == HistoryQuery.MaxSeries || (_series.Count == 1 && query.GroupBy is null))
                throw TooMany(tagValue).AsException();
            _series.Add(new(tagValue, _buckets = []));
        }
        _buckets.Add(new(time, value, points, time < query.Since || time + query.Step > query.Until));
    }

    private Failure TooMany(string? another) => query.GroupBy is null
        ? Failure.Invalid("tag", $"is needed: in this range {query.MetricName} comes from several hosts, '{_series[0].TagValue}' and '{another}' among them. Give tag=host:NAME, or group_by=host")
        : Failure.Invalid("group_by", $"has more than {HistoryQuery.MaxSeries} values in this range; narrow it with tag=");
}
