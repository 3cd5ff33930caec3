using System.Text.RegularExpressions;
using Jarvis.ServiceDefaults.Redaction;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Telemetry.Redaction;

/// <summary>What one step found.</summary>
/// <param name="Spans">How many it changed.</param>
/// <param name="Keys">Prefixes of the API keys that stood in them.</param>
/// <param name="Next">What comes next.</param>
internal sealed record RedactionStep(int Spans, IReadOnlySet<string> Keys, NextStep Next);

internal enum NextStep
{
    /// <summary>There is more.</summary>
    More,

    /// <summary>Another replica is at it.</summary>
    Elsewhere,

    /// <summary>All is done.</summary>
    None,
}

/// <summary>
/// Takes the secrets out of stored spans, some at a time; one replica at a time does it (the row of <c>telemetry.span_redaction</c>).
/// </summary>
internal sealed partial class StoredSpans(NpgsqlDataSource database, AttributeRedaction rules)
{
    public const int StepRows = 1_000;

    // Spans of earlier releases may have megabytes each: a step ends before they fill the memory.
    private const int StepCharacters = 16 * 1_048_576;

    private const string Claim = "SELECT start_unix_nano, trace_id, span_id FROM telemetry.span_redaction FOR UPDATE SKIP LOCKED";

    private const string Read =
        """
        SELECT trace_id, span_id, start_unix_nano, name, status_message, attributes::text, events::text, links::text FROM telemetry.span
        WHERE (start_unix_nano, trace_id, span_id) < ($1, $2, $3) ORDER BY start_unix_nano DESC, trace_id DESC, span_id DESC LIMIT $4
        """;

    private const string Write =
        """
        WITH clean AS (SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
            AS c (trace_id, span_id, name, status_message, attributes, events, links)),
        roots AS (
            UPDATE telemetry.trace AS t SET root_name = c.name FROM telemetry.span AS s JOIN clean AS c ON c.trace_id = s.trace_id AND c.span_id = s.span_id
            WHERE t.trace_id = s.trace_id AND t.root_name = s.name AND t.root_start = s.start_unix_nano AND c.name <> s.name)
        UPDATE telemetry.span AS s SET name = c.name, status_message = c.status_message, attributes = c.attributes::jsonb, events = c.events::jsonb, links = c.links::jsonb
        FROM clean AS c WHERE s.trace_id = c.trace_id AND s.span_id = c.span_id
        """;

    public async Task<RedactionStep> StepAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ClaimAsync(connection, cancellationToken) is not { } position)
            return new(0, new HashSet<string>(StringComparer.Ordinal), await IsDoneAsync(connection, cancellationToken) ? NextStep.None : NextStep.Elsewhere);
        var (rows, more) = await ReadAsync(connection, position, cancellationToken);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var clean = rows.ConvertAll(row => Clean(row, keys)).OfType<SpanRow>().ToList();
        if (clean.Count > 0)
            await WriteAsync(connection, clean, cancellationToken);
        await MoveAsync(connection, more ? rows[^1].Position : null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(clean.Count, keys, more ? NextStep.More : NextStep.None);
    }

    /// <summary>The row without its secrets; null when it has none.</summary>
    private SpanRow? Clean(SpanRow row, HashSet<string> keys)
    {
        var clean = row with
        {
            Name = TextRedaction.Redact(row.Name),
            StatusMessage = row.StatusMessage is null ? null : TextRedaction.Redact(row.StatusMessage),
            Attributes = StoredJson.Redact(row.Attributes, rules) ?? row.Attributes,
            Events = StoredJson.Redact(row.Events, rules) ?? row.Events,
            Links = StoredJson.Redact(row.Links, rules) ?? row.Links,
        };
        if (clean == row)
            return null;
        foreach (Match key in ApiKey().Matches(row.ToString()))
            keys.Add(key.Groups["prefix"].Value);
        return clean;
    }

    private static async Task<Position?> ClaimAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Claim, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new Position(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2)) : null;
    }

    private static async Task<bool> IsDoneAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT NOT EXISTS (SELECT FROM telemetry.span_redaction)", connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<(List<SpanRow> Rows, bool More)> ReadAsync(NpgsqlConnection connection, Position position, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Read, connection)
        {
            Parameters = { new() { Value = position.Start }, new() { Value = position.TraceId }, new() { Value = position.SpanId }, new() { Value = StepRows } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, characters) = (new List<SpanRow>(), 0L);
        while (characters < StepCharacters && await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new(new(reader.GetInt64(2), reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1)), reader.GetString(3),
                TextAt(reader, 4), TextAt(reader, 5), TextAt(reader, 6), TextAt(reader, 7)));
            characters += rows[^1].Length;
        }
        return (rows, rows.Count == StepRows || characters >= StepCharacters);
    }

    private static async Task WriteAsync(NpgsqlConnection connection, List<SpanRow> rows, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Write, connection);
        command.Parameters.Add(new() { Value = rows.ConvertAll(row => row.Position.TraceId), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        command.Parameters.Add(new() { Value = rows.ConvertAll(row => row.Position.SpanId), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        foreach (var texts in (IEnumerable<List<string?>>)[
                     rows.ConvertAll(row => (string?)row.Name), rows.ConvertAll(row => row.StatusMessage), rows.ConvertAll(row => row.Attributes), rows.ConvertAll(row => row.Events),
                     rows.ConvertAll(row => row.Links)])
            command.Parameters.Add(new() { Value = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task MoveAsync(NpgsqlConnection connection, Position? to, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            to is null ? "DELETE FROM telemetry.span_redaction" : "UPDATE telemetry.span_redaction SET start_unix_nano = $1, trace_id = $2, span_id = $3", connection);
        if (to is not null)
        {
            command.Parameters.Add(new() { Value = to.Start });
            command.Parameters.Add(new() { Value = to.TraceId });
            command.Parameters.Add(new() { Value = to.SpanId });
        }
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string? TextAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    [GeneratedRegex("jrv_(?<prefix>[a-z0-9]{8})_", RegexOptions.NonBacktracking)]
    private static partial Regex ApiKey();

    private sealed record Position(long Start, byte[] TraceId, byte[] SpanId);

    private sealed record SpanRow(Position Position, string Name, string? StatusMessage, string? Attributes, string? Events, string? Links)
    {
        public long Length => Name.Length + (StatusMessage?.Length ?? 0L) + (Attributes?.Length ?? 0) + (Events?.Length ?? 0) + (Links?.Length ?? 0);
    }
}
