using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Limits with three replicas of the gateway, which are asked by turns.</summary>
public sealed class LimitsReplicaTests : IDisposable
{
    private const int Clients = 24;

    private readonly string _data = Path.Combine(Path.GetTempPath(), $"jarvis-limits-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}");

    public void Dispose()
    {
        if (Directory.Exists(_data))
            Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task ThreeReplicas_PassNotOneRequestMoreThanTheLimit()
    {
        if (OperatingSystem.IsWindows())
            return; // signals
        var port = Ports.Free().ToString(CultureInfo.InvariantCulture);
        await using var host = AppHostProcess.Start("--data", _data, "--port", port, "--Replicas:Gateway=3");
        await host.ReadyAsync(JarvisStack.StartLimit);
        var address = new Uri($"http://127.0.0.1:{port}");

        // Nobody is signed in: what counts is whether the limit let it pass, not what became of it.
        await AssertWithinAsync(address, "auth", 10, 120, () => new(HttpMethod.Post, "/api/v2/auth/login") { Content = JsonContent.Create(new { email = "nobody@example.com", password = "no password of anybody" }) });
        await AssertWithinAsync(address, "execute", 120, 600, () => new(HttpMethod.Post, "/api/v2/workflow/trigger") { Content = JsonContent.Create(new { webhook_path = "" }) });
        await AssertWithinAsync(address, "write", 600, 2_000, () => new(HttpMethod.Delete, "/api/v2/agents/limits-nobody"));
        await AssertWithinAsync(address, "read", 6_000, 12_000, () => new(HttpMethod.Get, "/api/v2/agents"));
    }

    private static async Task AssertWithinAsync(Uri address, string of, int limit, int requests, Func<HttpRequestMessage> request)
    {
        var (left, passed, refused, alone) = (requests, 0, 0, 0);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            // A connection of its own each, so that every replica has some.
            using var client = new HttpClient { BaseAddress = address };
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using var asked = request();
                using var response = await client.SendAsync(asked);
                // On a machine that is much too busy Redis may be given up for a moment: then a replica refuses, or allows a share of what it knew to be left.
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable || response.Headers.GetValues("RateLimit-Policy").Single() != $"\"{of}\";q={limit};w=60")
                    Interlocked.Increment(ref alone);
                if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
                    Interlocked.Increment(ref refused);
                else
                    Interlocked.Increment(ref passed);
            }
        }));
        var grown = (int)(limit * Stopwatch.GetElapsedTime(started).TotalMinutes) + 1;
        Assert.InRange(passed, alone == 0 ? limit * 9 / 10 : 0, limit + grown);
        Assert.InRange(refused, 1, requests);
    }
}
