namespace Jarvis.Telemetry.Metrics;

/// <summary>A measured value, checked. <c>Tags</c> is a flat JSON object (UTF-8) or null.</summary>
public sealed record MetricPoint(string Name, DateTimeOffset At, double Value, byte[]? Tags);
