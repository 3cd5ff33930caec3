namespace Jarvis.Telemetry.Metrics;

/// <summary>A measured value, checked. <c>Tags</c> is a flat JSON object (UTF-8) or null.</summary>
public sealed record MetricPoint(string Name, DateTimeOffset At, double Value, byte[]? Tags)
{
    // A row and its entry in the index.
    private const int RowBytes = 100;

    /// <summary>About what the point takes where it is stored.</summary>
    public long Bytes => RowBytes + (Tags?.Length ?? 0);
}
