using System.Collections.Frozen;

namespace Jarvis.ServiceDefaults.Redaction;

/// <summary>
/// The query parameters whose values may be recorded: those of the API that choose, narrow or page. Whatever else is in an address was sent by mistake or is nobody's
/// business, so a new parameter is recorded only once it stands here.
/// </summary>
public static class QueryParameters
{
    private static readonly FrozenSet<string> Recorded = FrozenSet.ToFrozenSet(
        [
            "account_id", "action", "aggregate", "all", "cache", "category", "correlation_id", "cursor", "error", "group_by", "kind", "limit", "metric_name", "min_duration_ms", "mode", "model", "name",
            "offset", "outcome", "plugin", "raw", "role", "service", "severity", "since", "sort", "source", "status", "step", "tag", "time_range", "tool", "until", "wait", "workflow_id",
        ], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Recorded.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// Parameters of the API that are not recorded all the same. <c>q</c> is what a person typed, which every viewer could read in a trace, and where passwords and keys are
    /// pasted by mistake; <c>code</c> and <c>state</c> carry the credentials of an OAuth sign-in wherever that is the address's meaning.
    /// </summary>
    public static IReadOnlyList<string> Withheld { get; } = ["q", "code", "state"];

    public static bool IsRecorded(ReadOnlySpan<char> name) => Lookup.Contains(name);
}
