using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Retention;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Jarvis.Telemetry.Metrics;

/// <summary>How many points were committed.</summary>
public sealed record Tracked(int Accepted);

/// <summary>A metric over time. Buckets without points are left out; each bucket's time is its start.</summary>
public sealed record MetricHistory(
    string MetricName, string Aggregate, DateTimeOffset Since, DateTimeOffset Until, double StepMs, IReadOnlyList<MetricBucket> Buckets);

/// <summary>The aggregate of the <c>Points</c> points of one step.</summary>
public sealed record MetricBucket(DateTimeOffset Time, double Value, long Points);

/// <summary>A metric that has points.</summary>
public sealed record MetricName(string Name, long Points, DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt);

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
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));
        metrics.MapGet("/history", HistoryAsync).RequireAuthorization(Policies.Viewer).WithName("metric-history").WithSummary("A metric over time, in at most 1,000 buckets")
            .WithQuery("metric_name", "The metric.", "host.cpu.percent", required: true).WithQuery("time_range", "How far back, from `until`: a whole number and `s`, `m`, `h`, `d` or `w`; not beside `since`.", "24h", fallback: "1h", maxLength: 16)
            .WithQuery("since", "The begin.", "2026-11-20T09:00:00Z", format: "date-time").WithQuery("until", "The end; now when it is not given.", "2026-11-20T10:00:00Z", format: "date-time")
            .WithQuery("step", "What a bucket spans: a whole number and a unit. Chosen to give at most 300 when it is not given.", "5m", maxLength: 16).WithQuery("aggregate", "What is made of a bucket's points.", oneOf: HistorySql.Aggregates, fallback: "avg")
            .WithError(ErrorCode.ResourceNotFound, "No metric is named 'host.cpu.percents'.");
        metrics.MapGet("/names", NamesAsync).RequireAuthorization(Policies.Viewer).WithName("list-metrics").WithSummary("The metrics there are, by name").WithPaging();
        return metrics;
    }

    private static async Task<Enveloped<Tracked>> TrackAsync(
        JsonElement body, MetricStore store, RetentionWindow retention, TimeProvider time, CancellationToken cancellationToken)
    {
        var points = PointReader.Read(body, time.GetUtcNow(), (retention.Cutoff(), retention.Latest()));
        await store.AddAsync(points, cancellationToken);
        return Enveloped.Ok(new Tracked(points.Count));
    }

    private static async Task<Results<Enveloped<MetricHistory>, Failure>> HistoryAsync(HistoryQuery query, MetricStore store, CancellationToken cancellationToken) =>
        await store.HistoryAsync(query, cancellationToken) is { } buckets
            ? Enveloped.Ok(new MetricHistory(query.MetricName, query.Aggregate, query.Since, query.Until, query.Step.TotalMilliseconds, buckets))
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
        builder.Services.AddSingleton<MetricStore>();
        return builder;
    }
}
