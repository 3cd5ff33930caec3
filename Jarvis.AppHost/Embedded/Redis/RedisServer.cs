using System.Globalization;
using System.Security.Cryptography;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Embedded.Redis;

/// <summary>
/// Finds Redis or Valkey, or else installs Garnet, and gives the resource its command. The password is new at every start and
/// stands in a private file, never on a command line.
/// </summary>
sealed class RedisServer(IResourceBuilder<EmbeddedRedisResource> redis, AppHostOptions options, ILoggerFactory loggers) : IEmbeddedServer
{
    readonly ILogger _log = loggers.CreateLogger(redis.Resource.Name);

    public async Task PrepareAsync(DataDirectory data, CancellationToken cancellationToken)
    {
        redis.Resource.PasswordValue = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        redis.Resource.Reservation?.Dispose();
        redis.Resource.Reservation = FreePort.Take();
        redis.Resource.Reservation.AssignTo(redis, EmbeddedRedisResource.TcpEndpoint);
        var port = redis.Resource.Reservation.Port;

        var installed = options.IgnoreInstalled ? null : Tool.Find("redis-server") ?? Tool.Find("valkey-server");
        var folder = PrivateFiles.Folder(data.File(installed is null ? "garnet" : redis.Resource.Name));
        if (installed is not null)
        {
            _log.UsingRedis("Redis", installed);
            Run(installed, folder, ServerEnvironment.With(), WriteConfiguration(folder, "redis.conf", RedisConfiguration(port, folder)));
            return;
        }

        var garnet = await GarnetPackage.EnsureAsync(data.Cache, _log, cancellationToken);
        _log.UsingRedis($"Garnet {GarnetPackage.Version}", garnet);
        var configuration = WriteConfiguration(folder, "garnet.json", GarnetSettings.Write(port, folder, redis.Resource.PasswordValue));
        // With a heap per core it would take several times the memory.
        var environment = ServerEnvironment.With(KeyValuePair.Create("HOME", folder), KeyValuePair.Create("DOTNET_gcServer", "0"),
            KeyValuePair.Create("DOTNET_TieredPGO", "0"));
        Run(GarnetPackage.Dotnet, folder, environment, garnet, "--config-import-path", configuration);
    }

    public void StopSoon()
    {
        // It waits for nothing.
    }

    void Run(string program, string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var (command, all) = ServerEnvironment.Clear((program, arguments), environment);
        redis.Resource.Arguments = all;
        redis.WithCommand(command).WithWorkingDirectory(folder);
    }

    /// <summary>Everything in it can be lost: it is a cache, and a durable one only so that limits and circuits outlive a restart.</summary>
    string RedisConfiguration(int port, string folder) => string.Create(CultureInfo.InvariantCulture, $"""
        bind 127.0.0.1
        port {port}
        dir "{folder.Replace("\\", "\\\\", StringComparison.Ordinal)}"
        requirepass {redis.Resource.PasswordValue}
        save ""
        appendonly yes
        appendfsync everysec
        maxmemory 256mb
        maxmemory-policy volatile-lru
        loglevel warning

        """);

    static string WriteConfiguration(string folder, string name, string text)
    {
        var file = Path.Combine(folder, name);
        PrivateFiles.Write(file, text);
        return file;
    }
}
