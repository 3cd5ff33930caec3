using System.Diagnostics;

namespace Jarvis.Workflows.Worker;

/// <summary>The trace that a task's run belongs to.</summary>
internal static class TaskTrace
{
    /// <summary>
    /// Goes on with the trace of the request that made the task, however much later this is. Where that one was not recorded the run begins a trace of its own, with
    /// a link to it: half of the request's trace would be worth nothing, and a run is worth a trace by itself.
    /// </summary>
    public static Activity? Start(ActivitySource source, string name, string? traceParent)
    {
        if (!ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out var request))
            return source.StartActivity(name, ActivityKind.Consumer, parentContext: default);
        return request.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? source.StartActivity(name, ActivityKind.Consumer, request)
            : source.StartActivity(name, ActivityKind.Consumer, parentContext: default, links: [new(request)]);
    }
}
