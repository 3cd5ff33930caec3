using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>One gateway before three replicas of each service, which are asked by turns and may die at any time.</summary>
[Collection(ReplicatedCollection.Name)]
public sealed class ReplicaAddressTests(ReplicatedStack stack)
{
    private const int Requests = 90;

    [Theory]
    [InlineData("catalog", "/api/v2/catalog/sources")]
    [InlineData("workflows", "/api/v2/tasks/recent?limit=1")]
    [InlineData("telemetry", "/api/v2/metrics/names")]
    public async Task Requests_OfOneConnection_ReachAllReplicasAlike(string service, string path)
    {
        if (OperatingSystem.IsWindows())
            return; // signals
        await stack.AllAliveAsync();
        var correlation = $"turns-{service}";
        for (var i = 0; i < Requests; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Correlation-ID", correlation } } };
            using var response = await stack.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        var counts = await Eventually.GetAsync($"all spans of {service}", TimeSpan.FromSeconds(60), async () =>
        {
            var seen = await InstancesAsync(correlation, service);
            return seen.Values.Sum() >= Requests ? seen : null;
        });
        Assert.Equal(ReplicatedStack.Replicas, counts.Count);
        Assert.True(counts.Values.Max() <= counts.Values.Min() * 1.2, string.Join(", ", counts.Values));
    }

    [Theory]
    [InlineData("-KILL")]
    [InlineData("-TERM")]
    public async Task Replica_ThatEndsUnderLoad_CostsNoRead_AndOneThatIsToldToNoWriteEither(string signal)
    {
        if (OperatingSystem.IsWindows())
            return; // signals
        await stack.AllAliveAsync();
        var (catalog, telemetry) = (stack.ProcessesOf("catalog"), stack.ProcessesOf("telemetry"));
        await using (var load = Load.Start(stack, writes: signal == "-TERM"))
        {
            await load.AnsweredAsync(100);
            ReplicatedStack.Signal(signal, catalog[0], telemetry[0]);
            await load.AnsweredAsync(300);
            // The processes that are started in their place take part without a failure, too.
            await ReplacedAsync("catalog", catalog[0]);
            await ReplacedAsync("telemetry", telemetry[0]);
            await stack.AllAliveAsync();
            await load.AnsweredAsync(200);
            Assert.Empty(load.Failures);
        }
    }

    [Fact]
    public async Task Service_WhoseReplicasAreAllKilled_IsNamedIn503_AndComesBack()
    {
        if (OperatingSystem.IsWindows())
            return; // signals
        await stack.AllAliveAsync();
        var killed = stack.ProcessesOf("workflows");
        ReplicatedStack.Signal("-KILL", killed);
        var seen = new ConcurrentDictionary<HttpStatusCode, int>();
        await Eventually.GetAsync("workflows answers again", TimeSpan.FromSeconds(120), async () =>
        {
            // None of them may hang: the client gives up after its own limit, and that fails the test.
            using var response = await stack.Client.GetAsync("/api/v2/tasks/recent?limit=1");
            if (seen.AddOrUpdate(response.StatusCode, 1, (_, before) => before + 1) == 1 && response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Assert.Equal("workflows", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("service").GetString());
                Assert.NotNull(response.Headers.RetryAfter);
            }
            return response.IsSuccessStatusCode ? "again" : null;
        });
        Assert.Contains(HttpStatusCode.ServiceUnavailable, seen.Keys);
        Assert.DoesNotContain(HttpStatusCode.GatewayTimeout, seen.Keys);
        await stack.AllAliveAsync();
    }

    [Fact]
    public async Task Replica_ThatIsKilledWhileRedisIsAway_CostsNoRead()
    {
        if (OperatingSystem.IsWindows())
            return; // signals
        await stack.AllAliveAsync();
        var redis = stack.ProcessesOf("redis");
        ReplicatedStack.Signal("-STOP", redis);
        try
        {
            await using var load = Load.Start(stack, writes: false);
            await load.AnsweredAsync(50);
            ReplicatedStack.Signal("-KILL", stack.ProcessesOf("catalog")[0]);
            await load.AnsweredAsync(200);
            Assert.Empty(load.Failures);
        }
        finally
        {
            ReplicatedStack.Signal("-CONT", redis);
        }
        await stack.AllAliveAsync();
    }

    private Task<int[]> ReplacedAsync(string service, int before) => Eventually.GetAsync($"another {service} was started", TimeSpan.FromSeconds(60), () =>
        Task.FromResult(stack.ProcessesOf(service) is { Length: ReplicatedStack.Replicas } now && !now.Contains(before) ? now : null));

    /// <summary>Server spans of the service by its processes.</summary>
    private async Task<Dictionary<string, int>> InstancesAsync(string correlation, string service)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (string? cursor = null; ;)
        {
            var next = cursor is null ? "" : $"&cursor={cursor}";
            var page = await stack.Client.GetFromJsonAsync<JsonElement>($"/api/v2/traces?correlation_id={correlation}&limit=200{next}");
            foreach (var span in page.GetProperty("data").GetProperty("traces").EnumerateArray().SelectMany(trace => trace.GetProperty("spans").EnumerateArray()))
            {
                if (span.GetProperty("service").GetString() != service || span.GetProperty("kind").GetString() != "server")
                    continue;
                var instance = span.GetProperty("instance_id").GetString()!;
                seen[instance] = seen.GetValueOrDefault(instance) + 1;
            }
            cursor = page.GetProperty("data").GetProperty("pagination").TryGetProperty("next_cursor", out var more) ? more.GetString() : null;
            if (cursor is null)
                return seen;
        }
    }

    /// <summary>Readers of the catalog and of telemetry, each with a connection of its own, and perhaps a writer; until it is disposed of.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly ConcurrentQueue<string> _failures = new();
        private Task _asking = Task.CompletedTask;
        private int _answered;

        public IReadOnlyCollection<string> Failures => _failures;

        public static Load Start(ReplicatedStack stack, bool writes)
        {
            var load = new Load();
            load._asking = Task.WhenAll(
            [
                load.AskAsync(stack, turn => new(HttpMethod.Get, $"/api/v2/search?q=turn{turn}")),
                load.AskAsync(stack, turn => new(HttpMethod.Get, $"/api/v2/agents?offset={turn}")),
                load.AskAsync(stack, _ => new(HttpMethod.Get, "/api/v2/metrics/names")),
                .. writes ? [load.AskAsync(stack, Write)] : Array.Empty<Task>(),
            ]);
            return load;
        }

        private static HttpRequestMessage Write(int turn) =>
            new(HttpMethod.Post, "/api/v2/metrics/track") { Content = JsonContent.Create(new { metric_name = "turns.test", value = turn }) };

        /// <summary>Waits for so many further answers.</summary>
        public Task<string> AnsweredAsync(int more)
        {
            var until = Volatile.Read(ref _answered) + more;
            return Eventually.GetAsync($"{more} more answers", TimeSpan.FromSeconds(120), () =>
                Task.FromResult(Volatile.Read(ref _answered) >= until ? "answered" : null));
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _asking;
            _end.Dispose();
        }

        private async Task AskAsync(ReplicatedStack stack, Func<int, HttpRequestMessage> ask)
        {
            using var client = stack.CreateClient();
            for (var turn = 0; !_end.IsCancellationRequested; turn++)
            {
                using var request = ask(turn);
                try
                {
                    using var response = await client.SendAsync(request);
                    if (response.StatusCode != HttpStatusCode.OK)
                        _failures.Enqueue($"{request.Method} {request.RequestUri}: {response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                {
                    _failures.Enqueue($"{request.Method} {request.RequestUri}: {exception.Message}");
                }
                Interlocked.Increment(ref _answered);
            }
        }
    }
}
