using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity;
using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Errors;
using Npgsql;

namespace Jarvis.Gateway.Circuits;

/// <summary>The table <c>identity.circuit_decision</c>.</summary>
internal sealed class CircuitDecisionStore(NpgsqlDataSource database, MigrationRunner migrations, AuditLog audit) : ICircuitDecisionStore
{
    // The server's clock: revisions go on growing after an older copy of the database was put back.
    private const string DecideSql =
        """
        INSERT INTO identity.circuit_decision (circuit, isolated, reason, decided_at, revision)
        SELECT one, $2, $3, now(), (
            SELECT greatest(coalesce(max(revision), 0) + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) FROM identity.circuit_decision)
        FROM unnest($1::text[]) AS one
        ON CONFLICT (circuit) DO UPDATE SET
            isolated = excluded.isolated, reason = excluded.reason, decided_at = excluded.decided_at, revision = excluded.revision
        RETURNING revision
        """;

    public async Task<IReadOnlyList<CircuitDecision>> ReadAsync(CancellationToken cancellationToken)
    {
        // Asked every few seconds: not a question that the server would log as an error.
        if (!migrations.Applied.IsCompletedSuccessfully)
            throw Failure.Unavailable("postgres", "Postgres does not answer. Try again shortly.").AsException();
        await using var command = database.Command("SELECT circuit, isolated, reason, decided_at, revision FROM identity.circuit_decision ORDER BY circuit");
        return await command.ListAsync(row => new CircuitDecision(row.GetString(0), row.GetBoolean(1), row.TextOrNull(2), row.Time(3), row.GetInt64(4)), cancellationToken);
    }

    public Task<long> DecideAsync(HttpContext context, IReadOnlyCollection<string> circuits, bool isolated, string? reason, CancellationToken cancellationToken) =>
        database.InTransactionAsync(async connection =>
        {
            // One decision after another, so that each has the largest revision; readers do not wait.
            await connection.RunAsync("LOCK TABLE identity.circuit_decision IN SHARE ROW EXCLUSIVE MODE", [], cancellationToken);
            await using var command = connection.Command(DecideSql, circuits.ToArray(), isolated, reason is null ? null : RequestSource.Readable(reason));
            var revision = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            await audit.WriteAsync(connection, context, Entry(circuits, isolated, reason), cancellationToken);
            return revision;
        }, cancellationToken);

    /// <summary>What the audit log says of it.</summary>
    internal static AuditEntry Entry(IEnumerable<string> circuits, bool isolated, string? reason) =>
        new(isolated ? "circuit.isolate" : "circuit.reset", AuditLog.Success) { Target = string.Join(", ", circuits), Detail = reason is null ? null : $"reason: {reason}" };
}
