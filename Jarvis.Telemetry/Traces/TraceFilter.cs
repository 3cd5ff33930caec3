using Jarvis.ServiceDefaults.Lists;
using Jarvis.Telemetry.Retention;

namespace Jarvis.Telemetry.Traces;

/// <summary>
/// What <c>GET traces</c> is asked for: traces with a span of this service, with a root of this name, at least this long, with (or without)
/// a failed span, started from <c>Since</c> on and before <c>Until</c> (Unix nanoseconds).
/// </summary>
public sealed record TraceFilter(
    string? CorrelationId, string? Service, string? Name, long? MinDurationNs, bool? Error, long? Since, long? Until, int Limit, TraceCursor? After)
{
    private const int LongestMs = 7 * 86_400_000;
    private const long DefaultRangeNs = 86_400_000_000_000;

    public static ValueTask<TraceFilter?> BindAsync(HttpContext context)
    {
        var query = new QueryReader(context.Request.Query);
        var filter = Read(query, context.Request.Query, UnixTime.Nanos(context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()));
        query.ThrowIfWrong();
        return new(filter);
    }

    /// <summary>
    /// Reads the parameters; what is wrong is told to <paramref name="query"/>. Without a correlation ID and a begin it is a day that is
    /// looked through.
    /// </summary>
    public static TraceFilter Read(QueryReader query, IQueryCollection given, long nowNs)
    {
        var correlation = query.Text("correlation_id");
        if (correlation is not null && !ServiceDefaults.Correlation.CorrelationId.IsValid(correlation))
            query.Wrong("correlation_id", "must be 6 to 64 characters of A-Z, a-z, 0-9, '.', '_', '-'");
        var minDuration = given.ContainsKey("min_duration_ms") ? query.Whole("min_duration_ms", 0, 0, LongestMs) * 1_000_000L : (long?)null;
        var error = query.OneOf("error", "true", "false");
        var since = Nanos(query, "since");
        var until = Nanos(query, "until");
        if (since >= until)
            query.Wrong("until", "must be later than since");
        if (since is null && correlation is null)
            since = Math.Max(0, (until ?? nowNs) - DefaultRangeNs);
        TraceCursor? after = null;
        if (query.Text("cursor") is { } cursor)
        {
            if (TraceCursor.TryParse(cursor, out var parsed))
                after = parsed;
            else
                query.Wrong("cursor", "must be the next_cursor of a page before");
        }
        return new(correlation, query.Text("service"), query.Text("name", 512), minDuration, error is null ? null : error == "true", since, until,
            query.Whole("limit", ListQuery.DefaultLimit, 1, ListQuery.MaxLimit), after);
    }

    private static long? Nanos(QueryReader query, string name)
    {
        if (query.Time(name) is not { } time)
            return null;
        if (time.Year is >= 1970 and < 2262)
            return UnixTime.Nanos(time);
        query.Wrong(name, "must lie between 1970 and 2261");
        return null;
    }
}
