using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>
/// Decides once, where a trace enters Jarvis or begins; everything below follows its parent, in this process and in the next, so that a trace is recorded in all of
/// them or in none. What begins without a request, a task or another named piece of work (a poll, a lease, a heartbeat) is nobody's trace.
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
            return Begins(kind);
        var isRecorded = parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
        if (parent.IsRemote)
            return budget.Options.Edge && kind == ActivityKind.Server ? Enters(isRecorded) : isRecorded;
        // What outlives a request whose only span was kept late must not be added to it.
        return isRecorded && !LateTraces.IsLate(Activity.Current);
    }

    private bool Begins(ActivityKind kind) => kind switch
    {
        ActivityKind.Server => RequestedTraces.Take() == TraceRequest.Correlated ? budget.TakeRequested() : budget.TakeUsual(),
        ActivityKind.Consumer or ActivityKind.Internal => budget.TakeUsual(),
        _ => false,
    };

    private bool Enters(bool isRecorded) => RequestedTraces.Take() switch
    {
        TraceRequest.OfService when !isRecorded => false,
        TraceRequest.None when !isRecorded => budget.TakeUsual(),
        _ => budget.TakeRequested(),
    };
}
