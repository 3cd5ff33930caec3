using System.Globalization;
using System.Net.Sockets;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;
using Npgsql;

namespace Jarvis.AppHost.Databases;

/// <summary>Asks a server of the user's own how many sessions it takes, before processes are started that want more.</summary>
static class ServerLimits
{
    const int AnswerWithinSeconds = 5;

    /// <summary>What is left to ordinary roles, and no more than this role and this database are allowed.</summary>
    const string Question =
        """
        SELECT least(
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0),
            (SELECT CASE WHEN datconnlimit >= 0 THEN datconnlimit END FROM pg_database WHERE datname = current_database()),
            (SELECT CASE WHEN rolconnlimit >= 0 THEN rolconnlimit END FROM pg_roles WHERE rolname = current_user))
        """;

    /// <summary>
    /// The plan that fits the server. Who does not answer yet is asked by the services again and again; then the usual plan holds.
    /// </summary>
    /// <exception cref="StartupException">The server takes too few for these replicas.</exception>
    public static async Task<PoolPlan> FitAsync(AppHostOptions options, string connectionString, CancellationToken cancellationToken)
    {
        var usual = PoolPlan.For(options);
        try
        {
            return Fit(options, await AskAsync(connectionString, cancellationToken));
        }
        catch (Exception error) when (error is NpgsqlException or SocketException or TimeoutException or IOException)
        {
            await Console.Error.WriteLineAsync(
                $"warning: PostgreSQL of ConnectionStrings:jarvisdb could not be asked how many sessions it takes ({error.Message}); "
                    + $"{usual.Sessions} are needed for {usual.Processes} processes.");
            return usual;
        }
    }

    internal static PoolPlan Fit(AppHostOptions options, int available)
    {
        var usual = PoolPlan.For(options);
        if (PoolPlan.Within(options, available) is not { } plan)
        {
            throw new StartupException(
                $"PostgreSQL of ConnectionStrings:jarvisdb takes {available} sessions, and {usual.Processes} processes of Jarvis need at "
                    + $"least {PoolPlan.Needed(options)}. "
                + "Raise its max_connections (or the limit of the role or the database), or start fewer replicas (Replicas:…).");
        }

        if (options.MaxPoolSize is not null && plan.PoolSize < usual.PoolSize)
        {
            throw new StartupException(
                $"Postgres:MaxPoolSize={usual.PoolSize} lets {usual.Processes} processes open {usual.Sessions} sessions, and PostgreSQL "
                    + $"of ConnectionStrings:jarvisdb takes {available}. At most {plan.PoolSize} fits.");
        }

        if (plan.PoolSize < usual.PoolSize)
        {
            Console.Error.WriteLine(
                $"warning: PostgreSQL of ConnectionStrings:jarvisdb takes {available} sessions; each of the {plan.Processes} processes "
                    + $"gets {plan.PoolSize} for requests instead of {usual.PoolSize}. "
                + $"With max_connections of {usual.MaxConnections} or more none is short of them.");
        }

        return plan;
    }

    static async Task<int> AskAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Timeout = AnswerWithinSeconds,
            CommandTimeout = AnswerWithinSeconds,
            Pooling = false,
        };
        await using var session = new NpgsqlConnection(connection.ConnectionString);
        await session.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Question, session);
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }
}
