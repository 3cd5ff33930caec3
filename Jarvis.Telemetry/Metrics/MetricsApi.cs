using System.Text.Json.Serialization;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Ingestion;
using Jarvis.Telemetry.Retention;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Jarvis.Telemetry.Metrics;

/// <summary>How many points were committed.</summary>
public sealed record Tracked(int Accepted);

/// <summary>A metric over time. Buckets without points are left out; each bucket's time is its start.</summary>
/// <param name="Buckets">Of all points; none when they are grouped.</param>
public sealed record MetricHistory(
    string MetricName, string Aggregate, DateTimeOffset Since, DateTimeOffset Until, double StepMs, IReadOnlyList<MetricBucket> Buckets)
{
    /// <summary>Only with <c>group_by</c>: one for each value of the tag, at most 20.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MetricSeries>? Series { get; init; }
}

/// <summary>The points that have one value of a tag.</summary>
/// <param name="TagValue">Null for those without the tag.</param>
public sealed record MetricSeries(string? TagValue, IReadOnlyList<MetricBucket> Buckets);

/// <summary>The aggregate of the <c>Points</c> points of one step.</summary>
/// <param name="Partial">Whether the step reaches beyond the range, so that the bucket holds only some of its points: the first and the last one may.</param>
public sealed record MetricBucket(DateTimeOffset Time, double Value, long Points, bool Partial);

/// <summary>A metric, and the times of the first and the last of its points that are kept.</summary>
public sealed record MetricName(string Name, DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt);

/// <summary>A page of metrics, by name.</summary>
public sealed record MetricNames(IReadOnlyList<MetricName> Metrics, Pagination Pagination);

public static class MetricsApi
{
    // 10,000 points with a handful of tags each.
    private const int MaxBodyBytes = 8 * 1_048_576;

    public static RouteGroupBuilder MapMetrics(this IEndpointRouteBuilder routes)
    {
        var metrics = routes.MapGroup("/api/v2/metrics").WithTags("Metrics");
        metrics.MapPost("/track", TrackAsync).RequireAuthorization(Policies.TelemetryWrite).WithName("track-metrics").WithSummary("Stores one metric point, or up to 10,000: all of them or none").WithBody(typeof(PointBody), typeof(PointsBody), typeof(PointBody[]))
            .Accepts<PointBody>("application/json").WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes), new LargeBodyMetadata())
            .WithError(ErrorCode.Conflict, "With the new names of this request there would be more than 50000 metrics, which is as many as there may be. Nothing was stored.");
        metrics.MapGet("/history", HistoryAsync).RequireAuthorization(Policies.Viewer).WithName("metric-history").WithSummary("A metric over time, in at most 1,000 buckets")
            .WithQuery("metric_name", "The metric.", "host.cpu.percent", required: true).WithQuery("time_range", "How far back, from `until`: a whole number and `s`, `m`, `h`, `d` or `w`; not beside `since`.", "24h", fallback: "1h", maxLength: 16)
            .WithQuery("since", "The begin.", "2026-11-20T09:00:00Z", format: "date-time").WithQuery("until", "The end; now when it is not given.", "2026-11-20T10:00:00Z", format: "date-time")
            .WithQuery("step", "What a bucket spans: a whole number and a unit. Chosen to give at most 300 when it is not given.", "5m", maxLength: 16).WithQuery("aggregate", "What is made of a bucket's points.", oneOf: HistorySql.Aggregates, fallback: "avg")
            .WithQuery("tag", "Only points with this tag: its name and its value. `host.*` of several hosts needs `host:NAME`, or `group_by=host`.", "host:alpha", maxLength: 321, repeats: true)
            .WithQuery("group_by", "A tag, each of whose values gives a series of its own: at most 20.", "host", maxLength: 64)
            .WithError(ErrorCode.ResourceNotFound, "No metric is named 'host.cpu.percents'.");
        metrics.MapGet("/names", NamesAsync).RequireAuthorization(Policies.Viewer).WithName("list-metrics").WithSummary("The metrics there are, by name").WithPaging();
        return metrics;
    }

    private static async Task<Enveloped<Tracked>> TrackAsync(HttpContext context, PointsRequest request, MetricStore store, CancellationToken cancellationToken)
    {
        await store.AddAsync(request.Points, context.RequiredCaller(), cancellationToken);
        return Enveloped.Ok(new Tracked(request.Points.Count));
    }

    private static async Task<Results<Enveloped<MetricHistory>, Failure>> HistoryAsync(HistoryQuery query, MetricStore store, CancellationToken cancellationToken) =>
        await store.HistoryAsync(query, cancellationToken) is { } series
            ? Enveloped.Ok(new MetricHistory(
                query.MetricName, query.Aggregate, query.Since, query.Until, query.Step.TotalMilliseconds, query.GroupBy is null && series is [var only] ? only.Buckets : [])
            { Series = query.GroupBy is null ? null : series })
            : Failure.NotFound($"No metric is named '{query.MetricName}'.");

    private static async Task<Enveloped<MetricNames>> NamesAsync(ListQuery query, MetricStore store, CancellationToken cancellationToken)
    {
        var (metrics, total) = await store.NamesAsync(query.Limit, query.Offset, cancellationToken);
        return Enveloped.Ok(new MetricNames(metrics, Pagination.Of(query, total)));
    }
}

public static class MetricsExtensions
{
    public static TBuilder AddMetrics<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddSingleton<PointPartitions>();
        builder.Services.AddSingleton<MetricStore>();
        builder.Services.AddSingleton<MetricPruner>();
        builder.Services.AddRule<MetricPruner>("partitions of points to come", pruner => pruner.PrepareAsync);
        builder.Services.AddRule<MetricPruner>("partitions of points", pruner => pruner.DropAsync);
        builder.Services.AddRule<MetricPruner>("names of metrics", pruner => pruner.DeleteNamesAsync);
        return builder;
    }
}
