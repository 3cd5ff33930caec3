namespace Jarvis.Telemetry.Retention;

/// <summary>What deletes rows, a batch at a time: $1 is the cutoff, $2 the batch.</summary>
internal static class PruneSql
{
    public const string Spans =
        """
        DELETE FROM telemetry.span WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM telemetry.span WHERE start_unix_nano < $1 ORDER BY start_unix_nano LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    /// <summary>A trace goes with its last span, so that a long one is never counted without rows.</summary>
    public const string Traces =
        """
        DELETE FROM telemetry.trace WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM telemetry.trace AS t WHERE start_unix_nano < $1 AND NOT EXISTS (SELECT 1 FROM telemetry.span AS s WHERE s.trace_id = t.trace_id)
            ORDER BY start_unix_nano LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    /// <summary>Hosts that nobody samples any more: containers have new names all the time.</summary>
    public const string Hosts =
        "DELETE FROM telemetry.host_sampler WHERE host = ANY (ARRAY(SELECT host FROM telemetry.host_sampler WHERE lease_until < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))";

    public const string Uses =
        """
        DELETE FROM telemetry.account_use WHERE (account_id, day, kind) IN (
            SELECT account_id, day, kind FROM telemetry.account_use WHERE day < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;
}
