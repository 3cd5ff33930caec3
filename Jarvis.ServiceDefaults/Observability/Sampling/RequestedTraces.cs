using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>
/// Sees what a sampler cannot: it is asked before there is a request's context, and knows the parent and none of the headers. The server reads a request's headers
/// through this just before it asks the sampler, on the same thread.
/// </summary>
internal sealed class RequestedTraces(DistributedContextPropagator inner) : DistributedContextPropagator
{
    [ThreadStatic]
    private static TraceRequest _seen;

    public override IReadOnlyCollection<string> Fields => inner.Fields;

    /// <summary>What the request says whose headers this thread read last; told once.</summary>
    public static TraceRequest Take()
    {
        var seen = _seen;
        _seen = TraceRequest.None;
        return seen;
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        _seen = getter is null ? TraceRequest.None : Read(carrier, getter);
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        inner.ExtractBaggage(carrier, getter);

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) => inner.Inject(activity, carrier, setter);

    private static TraceRequest Read(object? carrier, PropagatorGetterCallback getter)
    {
        getter(carrier, ServiceKey.Header, out var key, out _);
        if (!string.IsNullOrEmpty(key))
            return TraceRequest.OfService;
        getter(carrier, CorrelationId.Header, out var id, out _);
        return CorrelationId.IsValid(id) ? TraceRequest.Correlated : TraceRequest.None;
    }
}

/// <summary>What a request's headers say, apart from its parent.</summary>
internal enum TraceRequest
{
    None,

    /// <summary>The caller brought a correlation ID, by which it may look for the trace.</summary>
    Correlated,

    /// <summary>The caller says it is a service of Jarvis. Not checked: all it brings about is that less is recorded.</summary>
    OfService,
}
