namespace Jarvis.Gateway.Services;

/// <summary>What one gateway saw of one service.</summary>
/// <param name="CoveredMs">Milliseconds that the histogram covers.</param>
/// <param name="Total">Requests since the gateway started.</param>
/// <param name="Refused">Requests since then that an open circuit refused.</param>
/// <param name="Counts">Requests of the covered time by latency: the buckets of <see cref="LatencyWindow"/>.</param>
/// <param name="Errors">Those of them that were answered with 5xx or not at all.</param>
internal sealed record ServiceFigures(string Service, double CoveredMs, long Total, long Refused, IReadOnlyList<long> Counts, long Errors)
{
    public LatencyCounts Latency => Counts.Count == LatencyWindow.Buckets ? new(Counts, Errors) : LatencyCounts.None;
}

/// <summary>Counts the requests to one service.</summary>
internal sealed class ServiceMeter(TimeSpan window, TimeProvider time)
{
    private readonly LatencyWindow _latency = new(window, time);
    private long _total;
    private long _refused;

    public void Count(ServiceVerdict verdict, TimeSpan elapsed)
    {
        if (verdict == ServiceVerdict.NotItsFault)
            return;
        Interlocked.Increment(ref _total);
        _latency.Add(elapsed, verdict != ServiceVerdict.Answered);
    }

    public void Refuse() => Interlocked.Increment(ref _refused);

    public ServiceFigures Read(string service, TimeSpan uptime)
    {
        var latency = _latency.Read();
        return new(service, Math.Min(uptime.TotalMilliseconds, window.TotalMilliseconds), Interlocked.Read(ref _total), Interlocked.Read(ref _refused), latency.Counts, latency.Errors);
    }
}
