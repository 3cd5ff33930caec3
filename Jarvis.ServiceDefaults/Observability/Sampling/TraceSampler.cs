using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>
/// Decides once, where a trace begins; everything below follows its parent, in this process and in the next, so that a trace is recorded in all of them or in
/// none. What begins without a request, a task or another named piece of work (a poll, a lease, a heartbeat) is nobody's trace.
/// </summary>
internal sealed class TraceSampler(TraceBudget budget) : Sampler
{
    private static readonly SamplingResult Record = new(SamplingDecision.RecordAndSample);
    private static readonly SamplingResult Drop = new(SamplingDecision.Drop);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => IsRecorded(samplingParameters) ? Record : Drop;

    private bool IsRecorded(in SamplingParameters asked)
    {
        var (parent, kind) = (asked.ParentContext, asked.Kind);
        if (parent.TraceId == default)
            return BeginsTrace(kind);
        if (!parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
            return false;
        if (parent.IsRemote)
            return kind != ActivityKind.Server || !budget.Options.LimitCallers || budget.TakeRequested();
        // What outlives a request whose only span was kept late must not be added to it.
        return !LateTraces.IsLate(Activity.Current);
    }

    private bool BeginsTrace(ActivityKind kind) => kind switch
    {
        ActivityKind.Server => RequestedTraces.Take() ? budget.TakeRequested() : budget.TakeUsual(),
        ActivityKind.Consumer or ActivityKind.Internal => budget.TakeUsual(),
        _ => false,
    };
}
