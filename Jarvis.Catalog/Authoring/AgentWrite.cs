using Jarvis.ServiceDefaults.Data;
using Npgsql;

namespace Jarvis.Catalog.Authoring;

/// <summary>A transaction that has its number, and with it the lock; rolled back unless it is committed.</summary>
internal sealed class AgentWrite(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    public long Number { get; private set; }

    public static async Task<AgentWrite> BeginAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            var write = new AgentWrite(connection, await connection.BeginTransactionAsync(cancellationToken));
            await using var command = write.Command("UPDATE catalog.agent_clock SET value = value + 1 RETURNING value");
            write.Number = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            return write;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public NpgsqlCommand Command(string sql)
    {
        var command = connection.CreateCorrelatedCommand(sql);
        command.Transaction = transaction;
        return command;
    }

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await using var notify = Command("SELECT pg_notify($1, $2)");
        notify.Parameters.Add(new() { Value = AgentStore.Channel });
        notify.Parameters.Add(new() { Value = Number.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        await notify.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
