using Microsoft.Extensions.Options;

namespace Jarvis.Telemetry.Retention;

/// <summary>Which times telemetry may have: what would be pruned at once is refused instead of accepted and lost.</summary>
public sealed class RetentionWindow(IOptions<RetentionOptions> options, TimeProvider time)
{
    /// <summary>How far another machine's clock may run ahead.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    public int Days => options.Value.Days;

    /// <summary>What is older than this goes.</summary>
    public DateTimeOffset Cutoff() => time.GetUtcNow() - TimeSpan.FromDays(options.Value.Days);

    public DateTimeOffset Latest() => time.GetUtcNow() + ClockSkew;

    /// <summary>Start times of spans, in Unix nanoseconds.</summary>
    public (long Earliest, long Latest) StartWindow() => (UnixTime.Nanos(Cutoff()), UnixTime.Nanos(Latest()));
}

/// <summary>OTLP's clock: nanoseconds since 1970.</summary>
public static class UnixTime
{
    public static long Nanos(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks * 100;

    public static DateTimeOffset Time(long nanos) => DateTimeOffset.UnixEpoch.AddTicks(nanos / 100);
}
