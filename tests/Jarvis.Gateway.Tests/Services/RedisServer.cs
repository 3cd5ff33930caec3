using System.Net.Sockets;
using Garnet;
using StackExchange.Redis;

namespace Jarvis.Gateway.Tests.Services;

/// <summary>
/// A Redis server of the test's own, within the process of the tests: Garnet, which the AppHost starts where no Redis is installed, listening at a socket file that nobody
/// else has. What goes over <see cref="Connection"/> is what the product sends; only a message that the test wants to be lost does not reach the server.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly GarnetServer _server;
    private readonly IConnectionMultiplexer _connection;

    private RedisServer(DirectoryInfo folder, GarnetServer server, IConnectionMultiplexer connection)
    {
        (_folder, _server, _connection) = (folder, server, connection);
        Connection = LossyRedis.Over(connection, (topic, message) => Loses(topic, message));
    }

    public IConnectionMultiplexer Connection { get; }

    /// <summary>Which messages are lost, by topic and text.</summary>
    public Func<string, string, bool> Loses { get; set; } = (_, _) => false;

    /// <summary>Forgets everything, as a server does that starts anew without what it had written down.</summary>
    public Task FlushAsync() => _connection.GetDatabase().ExecuteAsync("FLUSHALL");

    public static async Task<RedisServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("jarvis-redis-");
        var socket = Path.Combine(folder.FullName, "redis.sock");
        // With scripts as atomic as the AppHost asks for. The port is any that is free: nobody calls it.
        var server = new GarnetServer(
            [
                "--bind", "127.0.0.1", "--port", "0", "--unixsocket", socket, "--lua", "--lua-transaction-mode", "--memory", "16m", "--page", "4m", "--index", "1m", "-q",
            ]);
        server.Start();
        return new(folder, server, await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { new UnixDomainSocketEndPoint(socket) }, AllowAdmin = true }));
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _server.Dispose();
        _folder.Delete(recursive: true);
    }
}
