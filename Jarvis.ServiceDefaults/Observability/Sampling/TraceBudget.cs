using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>What this process may still record, and how much it did not; one for the whole process.</summary>
internal sealed class TraceBudget
{
    private readonly TokenBucket _usual;
    private readonly TokenBucket _requested;
    private readonly TokenBucket _late;
    private long _overRate;
    private long _overRequested;
    private long _overLate;

    public TraceBudget(IOptions<SamplingOptions> options, TimeProvider time, IMeterFactory meters)
    {
        Options = options.Value;
        (_usual, _requested, _late) = (new(Options.TracesPerSecond, time), new(Options.RequestedPerSecond, time), new(Options.LatePerSecond, time));
        meters.Create("Jarvis.Tracing").CreateObservableCounter("jarvis.traces.unrecorded", Read, "{trace}", "Traces that were not recorded, by the limit that was reached.");
    }

    public SamplingOptions Options { get; }

    public bool TakeUsual() => _usual.TryTake() || Count(ref _overRate);

    public bool TakeRequested() => _requested.TryTake() || Count(ref _overRequested);

    public bool TakeLate() => _late.TryTake() || Count(ref _overLate);

    /// <summary>For a request that turned out to be none that is recorded.</summary>
    public void ReturnUsual() => _usual.Return();

    private static bool Count(ref long refused)
    {
        Interlocked.Increment(ref refused);
        return false;
    }

    private IEnumerable<Measurement<long>> Read() =>
    [
        new(Interlocked.Read(ref _overRate), new KeyValuePair<string, object?>("limit", "traces")),
        new(Interlocked.Read(ref _overRequested), new KeyValuePair<string, object?>("limit", "requested")),
        new(Interlocked.Read(ref _overLate), new KeyValuePair<string, object?>("limit", "late")),
    ];
}
