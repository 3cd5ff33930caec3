using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Jarvis.ServiceDefaults.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Bench;

/// <summary>
/// Fan-out over <c>/ws</c>: replicas of the gateway and all their clients in this process, Redis beside it. From the moment that an event is given to Redis to
/// the moment that each client has read it.
/// </summary>
public static class Sockets
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(string redis, int clients, int perSecond, int seconds, int replicas, TextWriter output)
    {
        var apps = new List<WebApplication>();
        for (var i = 0; i < replicas; i++)
            apps.Add(await SocketsHost.StartAsync(redis));
        var started = Stopwatch.GetTimestamp();
        var readers = new List<Task<double[]>>();
        var events = perSecond * seconds;
        for (var i = 0; i < clients; i++)
            readers.Add(ReadAsync(await ConnectAsync(SocketsHost.Address(apps[i % replicas])), events));
        output.WriteLine($"{clients} clients at {replicas} replicas, connected and subscribed in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");

        var log = apps[0].Services.GetRequiredService<IEventLog>();
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        started = Stopwatch.GetTimestamp();
        using (var tick = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond)))
        {
            for (var n = 0; n < events; n++)
            {
                await tick.WaitForNextTickAsync();
                var json = $$$"""{"type":"task","timestamp":"2026-01-01T00:00:00Z","correlation_id":"req-of-a-bench","data":{"n":{{{n}}},"at":{{{Stopwatch.GetTimestamp()}}},"status":"running"}}""";
                await log.AppendAsync(new(json, "bench", $"{started}-{n}", Lost: false), CancellationToken.None);
            }
        }

        var took = Stopwatch.GetElapsedTime(started);
        var all = (await Task.WhenAll(readers)).SelectMany(times => times).Order().ToArray();
        var used = (Process.GetCurrentProcess().TotalProcessorTime - processor) / took;
        output.WriteLine($"{events} events, {events / took.TotalSeconds:F1} a second: {all.Length} of {(long)events * clients} deliveries, each client's in order and once");
        output.WriteLine($"p50 {At(all, 50):F1} ms, p99 {At(all, 99):F1} ms, worst {all[^1]:F1} ms; {used:F2} processors, server and clients together");
        foreach (var app in apps)
            await app.DisposeAsync();
    }

    private static async Task<ClientWebSocket> ConnectAsync(Uri address)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(address, CancellationToken.None);
        await socket.SendAsync("""{"type":"subscribe","data":{"topics":["task"]}}"""u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        await socket.ReceiveAsync(new byte[4_096], CancellationToken.None);
        return socket;
    }

    /// <summary>How long each event took, in milliseconds.</summary>
    private static async Task<double[]> ReadAsync(ClientWebSocket socket, int events)
    {
        using var own = socket;
        var (buffer, times) = (new byte[4_096], new double[events]);
        for (var n = 0; n < events; n++)
        {
            using var limit = new CancellationTokenSource(Patience);
            var received = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            var now = Stopwatch.GetTimestamp();
            var (number, sent) = Read(buffer.AsMemory(0, received.Count));
            if (number != n)
                throw new InvalidOperationException($"Event {number} came where {n} was due.");
            times[n] = Stopwatch.GetElapsedTime(sent, now).TotalMilliseconds;
        }

        return times;
    }

    private static (int Number, long Sent) Read(ReadOnlyMemory<byte> frame)
    {
        using var document = JsonDocument.Parse(frame);
        var data = document.RootElement.GetProperty("data");
        return (data.GetProperty("n").GetInt32(), data.GetProperty("at").GetInt64());
    }

    private static double At(double[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, (int)((long)sorted.Length * percent / 100))];
}
