using System.Net.Sockets;
using Jarvis.ServiceDefaults.Data;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// One binary COPY into a temporary table of a connection that is kept, and one statement that moves what is new from there into
/// <c>span</c> and counts it into <c>trace</c>. Used by one writer at a time.
/// </summary>
internal sealed class PostgresSpanSink(NpgsqlDataSource database, MigrationRunner migrations) : ISpanSink, IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    public async Task WriteAsync(IReadOnlyCollection<SpanRecord> spans, CancellationToken cancellationToken)
    {
        if (!migrations.Applied.IsCompleted)
            throw new IngestionUnavailableException("The database is not ready. Try again shortly.");
        var kept = _connection is not null;
        try
        {
            await StoreAsync(spans, cancellationToken);
        }
        catch (IngestionUnavailableException) when (kept)
        {
            // The server may have been restarted since the last batch: once more over a new connection. What a lost commit did store is
            // found there.
            await StoreAsync(spans, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
            await connection.DisposeAsync();
    }

    private async Task StoreAsync(IReadOnlyCollection<SpanRecord> spans, CancellationToken cancellationToken)
    {
        try
        {
            _connection ??= await OpenAsync(cancellationToken);
            await using var transaction = await _connection.BeginTransactionAsync(cancellationToken);
            await CopyAsync(_connection, spans, cancellationToken);
            await using var move = new NpgsqlCommand(SpanSql.Move, _connection, transaction);
            await move.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            await DisposeAsync();
            switch (exception)
            {
                // Classes 21, 22 and 23: the data itself is what the server objects to.
                case PostgresException { SqlState: ['2', '1' or '2' or '3', ..] }:
                    throw new SpansRefusedException("The database refuses these spans.", exception);
                case NpgsqlException or TimeoutException or IOException or SocketException or InvalidOperationException:
                    throw new IngestionUnavailableException("Postgres does not answer. Try again shortly.", exception);
                default:
                    throw;
            }
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var create = new NpgsqlCommand(SpanSql.CreateStaging, connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task CopyAsync(NpgsqlConnection connection, IReadOnlyCollection<SpanRecord> spans, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(SpanSql.Copy, cancellationToken);
        foreach (var span in spans)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(span.TraceId, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(span.SpanId, NpgsqlDbType.Bytea, cancellationToken);
            await OptionalAsync(copy, span.ParentSpanId, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(span.Service, NpgsqlDbType.Text, cancellationToken);
            await OptionalAsync(copy, span.InstanceId, NpgsqlDbType.Text, cancellationToken);
            await OptionalAsync(copy, span.Scope, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(span.Name, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(span.Kind, NpgsqlDbType.Smallint, cancellationToken);
            await copy.WriteAsync(DateTime.UnixEpoch.AddTicks(span.StartUnixNano / 100), NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(span.StartUnixNano, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(span.DurationNs, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(span.Status, NpgsqlDbType.Smallint, cancellationToken);
            await OptionalAsync(copy, span.StatusMessage, NpgsqlDbType.Text, cancellationToken);
            await OptionalAsync(copy, span.CorrelationId, NpgsqlDbType.Text, cancellationToken);
            await OptionalAsync(copy, span.Attributes, NpgsqlDbType.Jsonb, cancellationToken);
            await OptionalAsync(copy, span.Events, NpgsqlDbType.Jsonb, cancellationToken);
            await OptionalAsync(copy, span.Links, NpgsqlDbType.Jsonb, cancellationToken);
        }
        await copy.CompleteAsync(cancellationToken);
    }

    private static Task OptionalAsync<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancellationToken)
        where T : class =>
        value is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(value, type, cancellationToken);
}
