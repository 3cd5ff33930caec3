namespace Jarvis.Telemetry.Metrics;

/// <summary>A point in the body of <c>POST metrics/track</c>, as the API description shows it.</summary>
/// <param name="MetricName">1 to 200 characters of a-z, 0-9, <c>_</c>, <c>.</c>, <c>-</c>, <c>/</c>.</param>
/// <param name="Timestamp">When it was measured; now when it is not given.</param>
/// <param name="Tags">At most 32, with texts, numbers or truth values.</param>
public sealed record PointBody(string MetricName, double Value, DateTimeOffset? Timestamp = null, IReadOnlyDictionary<string, System.Text.Json.JsonElement>? Tags = null);

/// <summary>Up to 10,000 points.</summary>
public sealed record PointsBody(IReadOnlyList<PointBody> Points);
