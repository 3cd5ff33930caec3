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
        redis.AssignFreePort(EmbeddedRedisResource.TcpEndpoint);
        var port = redis.Resource.Tcp.EndpointAnnotation.Port.GetValueOrDefault();

        var installed = options.IgnoreInstalled ? null : Tool.Find("redis-server") ?? Tool.Find("valkey-server");
        var folder = PrivateFolder(data.File(installed is null ? "garnet" : redis.Resource.Name));
        if (installed is not null)
        {
            _log.UsingRedis("Redis", installed);
            redis.Resource.Arguments = [await WriteConfigurationAsync(folder, "redis.conf", RedisConfiguration(port, folder), cancellationToken)];
            redis.WithCommand(installed).WithWorkingDirectory(folder);
            return;
        }

        var garnet = await GarnetTool.EnsureAsync(data.Cache, _log, cancellationToken);
        _log.UsingRedis($"Garnet {GarnetTool.Version}", garnet);
        var configuration = await WriteConfigurationAsync(folder, "garnet.json", GarnetTool.Configuration(port, folder, redis.Resource.PasswordValue), cancellationToken);
        redis.Resource.Arguments = [garnet, "--config-import-path", configuration];
        redis.WithCommand(GarnetTool.Dotnet).WithWorkingDirectory(folder);
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

    static async Task<string> WriteConfigurationAsync(string folder, string name, string text, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, name);
        await File.WriteAllTextAsync(file, text, cancellationToken);
        return file;
    }

    static string PrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return Directory.CreateDirectory(path).FullName;
        return Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
    }
}
