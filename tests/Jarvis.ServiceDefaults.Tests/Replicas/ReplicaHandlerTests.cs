using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Jarvis.ServiceDefaults.Replicas;

namespace Jarvis.ServiceDefaults.Tests.Replicas;

public sealed class ReplicaHandlerTests : IDisposable
{
    private readonly ServiceAddresses _addresses = new(TimeProvider.System);
    private readonly Wire _wire = new();
    private readonly HttpMessageInvoker _client;

    public ReplicaHandlerTests() => _client = new(new ReplicaHandler(_addresses) { InnerHandler = _wire });

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Requests_GoToAllProcessesByTurns()
    {
        See(1, 2, 3);
        for (var i = 0; i < 30; i++)
            (await SendAsync(HttpMethod.Get)).Dispose();
        Assert.Equal([10, 10, 10], _wire.Asked.Values);
    }

    [Fact]
    public async Task Request_KeepsItsPath_WhateverItLooksLike()
    {
        See(1);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog//evil.example/a%2Fb?c=%20d");
        (await _client.SendAsync(request, CancellationToken.None)).Dispose();
        Assert.Equal("http://127.0.0.1:1//evil.example/a%2Fb?c=%20d", Assert.Single(_wire.Addresses).AbsoluteUri);
        Assert.Equal("catalog", request.RequestUri!.Host);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Process_ThatRefuses_IsPassedOver(string method)
    {
        See(1, 2);
        _wire.Dead.TryAdd(1, true);
        for (var i = 0; i < 10; i++)
            (await SendAsync(new(method))).Dispose();
        Assert.Equal(10, _wire.Asked[2]);
        Assert.InRange(_wire.Asked[1], 1, 1);
        Assert.Equal("http://127.0.0.1:2", Assert.Single(_addresses.Of("catalog")!).Address);
    }

    [Fact]
    public async Task Request_ThatMayHaveArrived_IsNotSentAgain()
    {
        See(1, 2);
        _wire.Broken = true;
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(HttpMethod.Get));
        Assert.Single(_wire.Addresses);
        Assert.Equal(2, _addresses.Of("catalog")!.Count);
    }

    [Fact]
    public async Task Request_ToAServiceThatIsDown_FailsAtOnceAsOneThatNeverLeft()
    {
        _addresses.Take(new(TimeProvider.System.GetTimestamp(), [], ["catalog"]));
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(HttpMethod.Post));
        Assert.True(ConnectFailures.NeverConnected(failure));
        Assert.Empty(_wire.Addresses);
    }

    [Fact]
    public async Task Request_ToAServiceThatNobodyAnnounces_IsLeftToServiceDiscovery()
    {
        See(1);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://workflows/x");
        (await _client.SendAsync(request, CancellationToken.None)).Dispose();
        Assert.Equal("http://workflows/x", Assert.Single(_wire.Addresses).AbsoluteUri);
    }

    private void See(params int[] ports) => _addresses.Take(new(
        TimeProvider.System.GetTimestamp(),
        [.. ports.Select(port => new LiveProcess("catalog", $"{port}", DateTimeOffset.UnixEpoch, TimeSpan.Zero, $"http://127.0.0.1:{port}"))], []));

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method)
    {
        using var request = new HttpRequestMessage(method, "http://catalog/x");
        return await _client.SendAsync(request, CancellationToken.None);
    }

    private sealed class Wire : HttpMessageHandler
    {
        public ConcurrentDictionary<int, bool> Dead { get; } = [];

        public bool Broken { get; set; }

        public ConcurrentDictionary<int, int> Asked { get; } = [];

        public ConcurrentQueue<Uri> Addresses { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Addresses.Enqueue(request.RequestUri!);
            Asked.AddOrUpdate(request.RequestUri!.Port, 1, (_, before) => before + 1);
            if (Dead.ContainsKey(request.RequestUri.Port))
                throw new HttpRequestException(HttpRequestError.ConnectionError, null, new SocketException((int)SocketError.ConnectionRefused));
            return Broken ? throw new HttpRequestException(HttpRequestError.ResponseEnded) : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
