using Jarvis.ServiceDefaults.Correlation;
using Npgsql;

namespace Jarvis.ServiceDefaults.Data;

public static class CorrelatedCommands
{
    /// <summary>
    /// A command whose text ends in <c>/*correlation_id='…'*/</c> (sqlcommenter), so that <c>pg_stat_activity</c> and the server's log name
    /// the request that it belongs to. For commands of requests and tasks; not for prepared ones, whose text must not change.
    /// </summary>
    public static NpgsqlCommand CreateCorrelatedCommand(this NpgsqlDataSource database, string sql) => database.CreateCommand(Tag(sql));

    public static NpgsqlCommand CreateCorrelatedCommand(this NpgsqlConnection connection, string sql) => new(Tag(sql), connection);

    // The ID's alphabet has no quote and no slash, so it cannot leave the comment.
    private static string Tag(string sql) => CorrelationId.Current is { } id ? $"{sql} /*correlation_id='{id}'*/" : sql;
}
