using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Jarvis.Gateway.Tests.Replicas;

public sealed class ReplicasTests : IAsyncLifetime
{
    private ReplicaGateway _gateway = null!;
    private ReplicaService[] _replicas = [];

    public async Task InitializeAsync()
    {
        _replicas = await Task.WhenAll(ReplicaService.StartAsync("a"), ReplicaService.StartAsync("b"), ReplicaService.StartAsync("c"));
        _gateway = await ReplicaGateway.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }

    [Fact]
    public async Task Requests_OfOneConnection_ReachAllReplicasAlike()
    {
        await SeeAllAsync();
        for (var i = 0; i < 300; i++)
            await GetAsync();
        Assert.All(_replicas, replica => Assert.InRange(replica.Asked.Count, 80, 120));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Replica_ThatIsDead_CostsNoRequest_AndIsNotAskedAgain(string method)
    {
        await SeeAllAsync();
        await _replicas[1].DieAsync();
        for (var i = 0; i < 30; i++)
            await SendAsync(method);
        Assert.Equal(30, _replicas[0].Asked.Count + _replicas[2].Asked.Count);
        await _gateway.UntilAsync(_replicas[0].Address, _replicas[2].Address);

        await SeeAllAsync(of: [_replicas[0], _replicas[2]]);
        await using var again = await ReplicaService.StartAsync("d");
        await SeeAllAsync(of: [_replicas[0], again, _replicas[2]]);
        for (var i = 0; i < 9; i++)
            await SendAsync(method);
        Assert.Equal(3, again.Asked.Count);
    }

    [Fact]
    public async Task Connections_ThatWereOpen_WhenTheirReplicaDied_CostNoGet()
    {
        await SeeAllAsync();
        using var client = new HttpClient { BaseAddress = _gateway.Client.BaseAddress };
        var left = 600;
        var halfWay = new TaskCompletionSource();
        var asking = Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var rest)
            {
                if (rest == 300)
                    halfWay.TrySetResult();
                using var response = await client.GetAsync("/x");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
        }));
        await Task.WhenAny(halfWay.Task, asking);
        await _replicas[2].DieAsync();
        await asking;
    }

    [Fact]
    public async Task Get_ThatBreaksOffBeforeItsAnswer_IsSentToAnother_AndAWriteIsNot()
    {
        await SeeAllAsync();
        _replicas[0].Breaks = true;
        for (var i = 0; i < 6; i++)
            await GetAsync();

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await _gateway.Client.PostAsync("/x", new StringContent("{}"));
            statuses.Add(response.StatusCode);
        }
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.BadGateway], statuses.Order());
        Assert.Equal(3, _replicas.Sum(replica => replica.Asked.Count(method => method == "POST")));
    }

    [Fact]
    public async Task Get_ThatEndsEveryProcess_IsNotTakenAroundAllOfThem()
    {
        await SeeAllAsync();
        foreach (var replica in _replicas)
            replica.Breaks = true;
        using var response = await _gateway.Client.GetAsync("/x");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(2, _replicas.Sum(replica => replica.Asked.Count));
    }

    [Fact]
    public async Task Service_WithoutAnyProcess_IsNamedIn503AtOnce_EvenWhenItsConfiguredAddressTakesConnections()
    {
        // As the orchestrator's proxy does for a service that is down.
        using var taker = new TcpListener(IPAddress.Loopback, 0);
        taker.Start();
        await using var gateway = await ReplicaGateway.StartAsync($"http://127.0.0.1:{((IPEndPoint)taker.LocalEndpoint).Port}");
        await gateway.SeeAsync();
        await AssertDownAsync(gateway);
        Assert.False(taker.Pending());
    }

    [Fact]
    public async Task Service_WhoseProcessesAreAllDead_IsNamedIn503_UntilOneLives()
    {
        await SeeAllAsync();
        foreach (var replica in _replicas)
            await replica.DieAsync();
        for (var i = 0; i < 10; i++)
            await AssertDownAsync(_gateway);
        await using var again = await ReplicaService.StartAsync("d");
        await _gateway.SeeAsync(again.Said);
        await GetAsync();
    }

    [Fact]
    public async Task Service_ThatNobodyAnnounces_IsAskedAtItsConfiguredAddress_AndSoIsOneThatIsLostWithoutRedis()
    {
        await using var gateway = await ReplicaGateway.StartAsync(_replicas[0].Address);
        Assert.Equal("a", await gateway.Client.GetStringAsync("/x"));

        await gateway.SeeAsync(_replicas[1].Said);
        Assert.Equal("b", await gateway.Client.GetStringAsync("/x"));
        gateway.Addresses.Take(null);
        Assert.Equal("b", await gateway.Client.GetStringAsync("/x"));
        await _replicas[1].DieAsync();
        using (await gateway.Client.GetAsync("/x"))
            await gateway.UntilAsync(_replicas[0].Address);
        Assert.Equal("a", await gateway.Client.GetStringAsync("/x"));
    }

    [Fact]
    public async Task Address_ThatTakesNoConnectionAndRefusesNone_IsGivenUpForAnother()
    {
        using var full = new FullBacklog();
        await using var gateway = await ReplicaGateway.StartAsync("http://127.0.0.1:1", "--Registry:ConnectTimeoutMs=300");
        await gateway.SeeAsync(_replicas[0].Said, _replicas[0].Said with { Instance = "full", Address = full.Address });
        for (var i = 0; i < 4; i++)
            Assert.Equal("a", await gateway.Client.GetStringAsync("/x"));
        await gateway.UntilAsync(_replicas[0].Address);

        await gateway.SeeAsync(_replicas[0].Said with { Instance = "full", Address = full.Address });
        await AssertDownAsync(gateway);
    }

    private Task SeeAllAsync(params ReplicaService[] of) => _gateway.SeeAsync([.. (of.Length == 0 ? _replicas : of).Select(replica => replica.Said)]);

    private Task GetAsync() => SendAsync("GET");

    private async Task SendAsync(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/x");
        if (method != "GET")
            request.Content = new StringContent("{}");
        using var response = await _gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task AssertDownAsync(ReplicaGateway gateway)
    {
        using var response = await gateway.Client.GetAsync("/x");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("SERVICE_UNAVAILABLE", problem.GetProperty("error_code").GetString());
        Assert.Equal("shelf", problem.GetProperty("service").GetString());
        Assert.NotNull(response.Headers.RetryAfter);
    }

    /// <summary>A port whose line of waiting connections is full: the next one is neither taken nor refused.</summary>
    private sealed class FullBacklog : IDisposable
    {
        private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _waiting = [];

        public FullBacklog()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(1);
            for (var i = 0; i < 8; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _waiting.Add(socket);
                try
                {
                    socket.Connect(_listener.LocalEndPoint!);
                }
                catch (SocketException)
                {
                    // It is on its way, or in nobody's line.
                }
            }
        }

        public string Address => $"http://{_listener.LocalEndPoint}";

        public void Dispose()
        {
            _listener.Dispose();
            _waiting.ForEach(socket => socket.Dispose());
        }
    }
}
