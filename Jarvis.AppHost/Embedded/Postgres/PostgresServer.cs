using System.Globalization;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Embedded.Postgres;

/// <summary>Finds or fetches PostgreSQL, makes its data folder, and gives the resource its command.</summary>
sealed class PostgresServer(IResourceBuilder<EmbeddedPostgresResource> postgres, AppHostOptions options, ILoggerFactory loggers)
    : IEmbeddedServer
{
    /// <summary>Small, since it shares one machine with everything else, and durable: what was committed survives a power cut.</summary>
    static readonly string[] Settings =
    [
        "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_logical_replication_workers=0", "shared_buffers=32MB",
        "work_mem=8MB", "maintenance_work_mem=64MB",
        "max_wal_size=512MB", "fsync=on", "synchronous_commit=on", "full_page_writes=on", "jit=off", "log_min_messages=fatal", "logging_collector=off",
    ];

    PostgresCluster? _cluster;

    readonly ILogger _log = loggers.CreateLogger(postgres.Resource.Name);

    public async Task PrepareAsync(DataDirectory data, CancellationToken cancellationToken)
    {
        var account = await ServerAccount.FindAsync(options.PostgresUser, _log, cancellationToken);
        var cluster = new PostgresCluster(data, postgres.Resource.Name, account, _log);
        await cluster.ClearAsync(cancellationToken);
        await account.DemandEntryAsync(data.Path, cancellationToken);
        var binaries = await FindAsync(data, account, cluster.Major, cancellationToken);
        _log.UsingPostgres(binaries.Version, binaries.Folder);
        postgres.Resource.PasswordValue = await cluster.EnsureAsync(binaries, postgres.Resource.Databases, cancellationToken);
        postgres.Resource.DataFolder = cluster.Folder;

        postgres.Resource.Reservation?.Dispose();
        postgres.Resource.Reservation = FreePort.Take();
        postgres.Resource.Reservation.AssignTo(postgres, EmbeddedPostgresResource.TcpEndpoint);
        var port = postgres.Resource.Reservation.Port;
        var maximum = string.Create(CultureInfo.InvariantCulture, $"max_connections={PoolPlan.For(options).MaxConnections}");
        string[] own =
        [
            "-D", cluster.Folder, "-p", port.ToString(CultureInfo.InvariantCulture),
            .. Settings.Append(maximum).SelectMany(setting => (string[])["-c", setting]),
        ];
        var (command, arguments) = ServerEnvironment.Clear(account.Command(binaries.Server, own), ServerEnvironment.With());
        postgres.Resource.ListenerId = account.ListenerId;
        postgres.Resource.Arguments = arguments;
        postgres.WithCommand(command).WithWorkingDirectory(data.Path);
        _cluster = cluster;
    }

    public void StopSoon() => _ = _cluster?.StopSoonAsync();

    async Task<PostgresBinaries> FindAsync(DataDirectory data, ServerAccount account, int? major, CancellationToken cancellationToken)
    {
        if (options.PostgresBin is { } folder)
        {
            return await PostgresBinaries.InspectAsync(folder, cancellationToken) is { } chosen && chosen.Version.Major >= PostgresBinaries.OldestMajor && (major ?? chosen.Version.Major) == chosen.Version.Major
                ? chosen
                : throw new StartupException($"Embedded:PostgresBin {folder} has no PostgreSQL {(major is null ? $"{PostgresBinaries.OldestMajor} or newer" : $"{major}, which the data in {data.Path} are of")} that runs here.");
        }

        if (!options.IgnoreInstalled && await PostgresBinaries.FindInstalledAsync(major, cancellationToken) is { } installed)
            return installed;
        var fetchedMajor = int.Parse(PostgresPackage.PackageVersion.Split('.')[0], CultureInfo.InvariantCulture);
        if (major is not null && major != fetchedMajor)
            throw new StartupException($"The data in {data.Path} are of PostgreSQL {major}, which is not installed here. Install PostgreSQL {major}, name its programs with Embedded:PostgresBin, or begin afresh with another --data DIR.");
        var fetched = await PostgresPackage.EnsureAsync(data.Cache, _log, cancellationToken);
        await account.DemandEntryAsync(fetched, cancellationToken);
        return await PostgresBinaries.InspectAsync(fetched, cancellationToken)
            ?? throw new StartupException($"The PostgreSQL in {fetched} does not run on this machine. {PostgresPackage.Remedy}");
    }
}
