using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Embedded;

/// <summary>One line for each step that may take longer than a second.</summary>
static partial class EmbeddedLog
{
    [LoggerMessage(10, LogLevel.Information, "PostgreSQL {Version} from {Folder}")]
    public static partial void UsingPostgres(this ILogger logger, Version version, string folder);

    [LoggerMessage(11, LogLevel.Information, "Fetching PostgreSQL {Version} from npm ({Size} MB) into {Folder}")]
    public static partial void FetchingPostgres(this ILogger logger, string version, int size, string folder);

    [LoggerMessage(12, LogLevel.Information, "Making a new PostgreSQL {Version} database in {Folder} (only this once)")]
    public static partial void MakingCluster(this ILogger logger, Version version, string folder);

    [LoggerMessage(13, LogLevel.Information, "Stopping PostgreSQL (process {ProcessId}), which a killed AppHost left behind on {Folder}")]
    public static partial void StoppingPostgres(this ILogger logger, int processId, string folder);

    [LoggerMessage(14, LogLevel.Warning, "Process {ProcessId}, which postmaster.pid in {Folder} names, may be a PostgreSQL of somebody "
        + "else's; the file is left, and PostgreSQL may refuse to start over it")]
    public static partial void NotOurPostgres(this ILogger logger, int processId, string folder);

    [LoggerMessage(15, LogLevel.Information, "Made the account {Account} for PostgreSQL, which does not run as root")]
    public static partial void MadeAccount(this ILogger logger, string account);

    [LoggerMessage(16, LogLevel.Warning, "There is no account {Account} and none could be made ({Reason}): PostgreSQL runs as nobody, "
        + "and other processes of nobody can read its data. Make the account, or name one with Embedded:PostgresUser")]
    public static partial void RunsAsNobody(this ILogger logger, string account, string reason);

    [LoggerMessage(17, LogLevel.Debug, "PostgreSQL could not be asked for its fast shutdown")]
    public static partial void NotStoppedSoon(this ILogger logger, Exception error);

    [LoggerMessage(20, LogLevel.Information, "{Server} from {Path}")]
    public static partial void UsingRedis(this ILogger logger, string server, string path);

    [LoggerMessage(21, LogLevel.Information, "Fetching {Package} {Version} from NuGet (110 MB) into {Folder}: no redis-server or "
        + "valkey-server here")]
    public static partial void FetchingGarnet(this ILogger logger, string package, string version, string folder);
}
