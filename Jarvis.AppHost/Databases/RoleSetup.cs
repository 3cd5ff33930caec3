using Npgsql;

namespace Jarvis.AppHost.Databases;

/// <summary>
/// Makes the services' roles on a server that Jarvis started, as its superuser, before the first service signs in. What earlier releases
/// made as superuser changes its owner.
/// </summary>
static class RoleSetup
{
    const string Script = "roles.sql";
    const int StatementWithinSeconds = 60;

    /// <summary>May be run again at any time.</summary>
    /// <param name="connectionString">The superuser's, at the database of Jarvis.</param>
    public static async Task RunAsync(string connectionString, CancellationToken cancellationToken)
    {
        var superuser = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = StatementWithinSeconds };
        await using var connection = new NpgsqlConnection(superuser.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(await ReadAsync(cancellationToken)));
        foreach (var role in DatabaseRole.All)
        {
            var verifier = RolePassword.Verifier(RolePassword.Of(superuser.Password ?? "", role));
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"ALTER ROLE {role.Name} PASSWORD '{verifier}'"));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    static async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        await using var stream = typeof(RoleSetup).Assembly.GetManifestResourceStream(Script)
            ?? throw new InvalidOperationException($"{Script} is not part of this build.");
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
