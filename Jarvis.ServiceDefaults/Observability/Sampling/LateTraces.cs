using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>
/// Traces of which only the end told that they are worth recording. Their parts elsewhere were not recorded and cannot be any more, so they are one span, which
/// says so (<c>jarvis.trace.extent=root</c>).
/// </summary>
public sealed class LateTraces
{
    /// <summary>An attribute of spans that are their trace's only one, though the work had more parts: <c>root</c>.</summary>
    public const string Extent = "jarvis.trace.extent";

    /// <summary>Why such a span was recorded: <see cref="Failed"/> or <see cref="Slow"/>.</summary>
    public const string Reason = "jarvis.trace.kept_for";

    public const string Failed = "failed";
    public const string Slow = "slow";

    private readonly TraceBudget _budget;

    internal LateTraces(TraceBudget budget) => (_budget, SlowAfter) = (budget, TimeSpan.FromMilliseconds(budget.Options.SlowMs));

    /// <summary>From when on a request is slow.</summary>
    public TimeSpan SlowAfter { get; }

    /// <summary>Whether the activity began a trace, or was where one entered Jarvis, and it was not recorded.</summary>
    public bool IsUnrecordedRoot(Activity activity) => !activity.Recorded && (activity.ParentSpanId == default || (_budget.Options.Edge && activity.HasRemoteParent));

    /// <summary>Records the unrecorded root after all, before it stops; the caller adds what its span is to say.</summary>
    /// <returns>False when too many were kept this second.</returns>
    public bool TryKeep(Activity root, string reason, string? correlationId)
    {
        if (!_budget.TakeLate())
            return false;
        root.SetTag(Extent, "root").SetTag(Reason, reason).SetTag(CorrelationId.Attribute, correlationId);
        root.IsAllDataRequested = true;
        root.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        return true;
    }

    internal static bool IsLate(Activity? activity) => activity?.GetTagItem(Extent) is not null;
}
