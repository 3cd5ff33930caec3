using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>
/// Sees whether a request brings a correlation ID, which a sampler cannot: it is asked before there is a request's context, and knows the parent and nothing of
/// the headers. The server reads a request's headers through this just before it asks the sampler, on the same thread.
/// </summary>
internal sealed class RequestedTraces(DistributedContextPropagator inner) : DistributedContextPropagator
{
    [ThreadStatic]
    private static bool s_requested;

    public override IReadOnlyCollection<string> Fields => inner.Fields;

    /// <summary>Whether the request whose headers this thread read last brought a correlation ID; asked once for each.</summary>
    public static bool Take()
    {
        var requested = s_requested;
        s_requested = false;
        return requested;
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        s_requested = false;
        if (getter is not null)
        {
            getter(carrier, CorrelationId.Header, out var sent, out _);
            s_requested = CorrelationId.IsValid(sent);
        }
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        inner.ExtractBaggage(carrier, getter);

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) => inner.Inject(activity, carrier, setter);
}
