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

    [LoggerMessage(20, LogLevel.Information, "{Server} from {Path}")]
    public static partial void UsingRedis(this ILogger logger, string server, string path);

    [LoggerMessage(21, LogLevel.Information, "Installing the .NET tool {Tool} {Version} into {Folder}: no redis-server or valkey-server here")]
    public static partial void InstallingGarnet(this ILogger logger, string tool, string version, string folder);
}
