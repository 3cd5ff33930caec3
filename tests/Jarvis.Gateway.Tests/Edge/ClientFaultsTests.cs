using System.Text;
using Jarvis.Gateway.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Gateway.Tests.Edge;

/// <summary>
/// What a client can do wrong, as bytes on a socket, more often than it takes to open a circuit: none of it is answered with 5xx, and none of it is held against the service.
/// </summary>
public sealed class ClientFaultsTests : IAsyncLifetime
{
    private const string Host = "Host: localhost\r\n";
    private const string Close = "Connection: close\r\n";
    private const int Often = 3;
    private EdgeHost _edge = null!;

    // Three failures would open the circuit.
    public async Task InitializeAsync() => _edge = await EdgeHost.StartAsync("--Services:MinimumThroughput=2", "--Requests:SlowGraceSeconds=2");

    public Task DisposeAsync() => _edge.DisposeAsync().AsTask();

    public static TheoryData<string, string, int> Requests => new()
    {
        { "Latin-1 in a header", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Name: J\u00FCrgen\r\n\r\n", 200 },
        { "bytes that are no UTF-8", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Name: \u00C3\u0028\u00FF\u0080\r\n\r\n", 200 },
        { "every byte that is no control character", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Name: a{new string([.. Enumerable.Range(0x21, 0xDF).Where(c => c != 0x7F).Select(c => (char)c)])}\r\n\r\n", 200 },
        { "control characters", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Other: a\u0001\u001F\u007F\tb\r\n\r\n", 200 },
        { "line folded", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Name: a\r\n b\r\n\r\n", 400 },
        { "bare line feed", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Name: a\nX: b\r\n\r\n", 200 },
        { "bare carriage return", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Name: a\rb\r\n\r\n", 400 },
        { "name with a blank", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X Name: a\r\n\r\n", 400 },
        { "name with a blank after it", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Name : a\r\n\r\n", 400 },
        { "name that is no token", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X(Name): a\r\n\r\n", 200 },
        { "name beyond ASCII", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-N\u00E4me: a\r\n\r\n", 400 },
        { "value as long as is allowed", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X: {new string('a', 32_600)}\r\n\r\n", 200 },
        { "as many headers as are allowed", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}{string.Concat(Enumerable.Range(0, 98).Select(i => $"X-{i}: 1\r\n"))}\r\n", 200 },
        { "line as long as is allowed", $"GET /edge/name?q={new string('a', 8_160)} HTTP/1.1\r\n{Host}{Close}\r\n", 200 },
        { "Host beyond ASCII", $"GET /edge/name HTTP/1.1\r\nHost: j\u00FCrgen\r\n{Close}\r\n", 400 },
        { "Host that is none", $"GET /edge/name HTTP/1.1\r\nHost: a b/c\r\n{Close}\r\n", 400 },
        { "path with bytes beyond ASCII", $"GET /edge/j\u00FCrgen HTTP/1.1\r\n{Host}{Close}\r\n", 400 },
        { "path that is no UTF-8", $"GET /edge/%FC%FF HTTP/1.1\r\n{Host}{Close}\r\n", 404 },
        { "query with bytes beyond ASCII", $"GET /edge/name?q=\u00FC HTTP/1.1\r\n{Host}{Close}\r\n", 400 },
        { "trace with bytes beyond ASCII", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: v=\u00FC\r\nbaggage: a=\u00FC\r\n\r\n", 200 },
        { "forwarded by nobody that is known", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Forwarded-For: \u00FC, ::::\r\nX-Forwarded-Host: \u00FC/\r\n\r\n", 200 },
        { "expectation that nobody knows", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Expect: miracles\r\nContent-Length: 2\r\n\r\nab", 200 },
        { "body on request", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab", 200 },
        { "body on request that does not come", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", 408 },
        { "chunk that has no length", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400 },
        { "chunk that is longer than it says", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 400 },
        { "trailer beyond ASCII", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Name: \u00FC\r\n\r\n", 200 },
        { "trailer that is none", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nno trailer\r\n\r\n", 400 },
        { "length and chunks", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 200 },
        { "two encodings of transfer", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 200 },
        { "encoding of transfer that is none", $"POST /edge/read HTTP/1.1\r\n{Host}{Close}Transfer-Encoding: gzip\r\n\r\n", 400 },
        { "type that is none", $"POST /edge/body HTTP/1.1\r\n{Host}{Close}Content-Type: \u00FC;;=\r\nContent-Length: 2\r\n\r\n{{}}", 415 },
        { "upgrade to what is not served", $"GET /edge/name HTTP/1.1\r\n{Host}Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \u00FC\r\n\r\n", 200 },
        { "upgrade to another protocol", $"GET /edge/name HTTP/1.1\r\n{Host}Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: \u00FC\r\n\r\n", 200 },
        { "headers for one hop that are none", $"GET /edge/name HTTP/1.1\r\n{Host}Connection: close, \u00FC\r\nTE: \u00FC\r\nKeep-Alive: \u00FC\r\n\r\n", 200 },
        { "method that nobody knows", $"\u0042REW! /edge/name HTTP/1.1\r\n{Host}{Close}\r\n", 405 },
        { "cookie and credentials beyond ASCII", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}Cookie: a=\u00FC\r\nAccept: \u00FC\r\nAccept-Encoding: \u00FC\r\nIf-None-Match: \u00FC\r\nUser-Agent: \u00FC\r\n\r\n", 200 },
        { "correlation ID beyond ASCII", $"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Correlation-ID: \u00FC\u00FC\u00FC\u00FC\u00FC\u00FC\u00FC\r\n\r\n", 200 },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_ThatIsOdd_IsNeverTheServicesFault(string what, string request, int status)
    {
        for (var i = 0; i < Often; i++)
        {
            var answer = await _edge.SendRawAsync(Encoding.Latin1.GetBytes(request));
            Assert.True(answer.Replace("HTTP/1.1 100 Continue\r\n\r\n", "", StringComparison.Ordinal).StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {answer}");
        }
        await AssertBlamelessAsync();
    }

    [Theory]
    [InlineData("J\u00FCrgen")]
    [InlineData("J\u00C3\u00BCrgen \u00E2\u0082\u00AC")]
    [InlineData("\u0080\u009F\u00A0\u00FF")]
    public async Task HeaderValue_PassesUnchanged_ThereAndBack(string bytes)
    {
        var answer = await _edge.SendBytesAsync(Encoding.Latin1.GetBytes($"GET /edge/name HTTP/1.1\r\n{Host}{Close}X-Name: {bytes}\r\n\r\n"));
        Assert.Contains($"\r\nX-Name: {bytes}\r\n", Encoding.Latin1.GetString(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /edge/gate/left HTTP/1.1\r\n", "\r\n")]
    [InlineData("POST /edge/read HTTP/1.1\r\n", "Content-Length: 1000\r\n\r\nabc")]
    [InlineData("POST /edge/read HTTP/1.1\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nab")]
    public async Task Client_ThatGoesAway_IsNotTheServicesFault(string line, string rest)
    {
        for (var i = 0; i < Often; i++)
            await _edge.SendBytesAsync(Encoding.Latin1.GetBytes($"{line}{Host}{rest}"), read: false);
        await AssertBlamelessAsync();
    }

    [Fact]
    public async Task Upload_ThatIsSlow_IsNotTheServicesFault()
    {
        for (var i = 0; i < Often; i++)
            Assert.StartsWith("HTTP/1.1 408 ", await _edge.SendRawAsync(Encoding.Latin1.GetBytes($"POST /edge/read HTTP/1.1\r\n{Host}Content-Length: 1000\r\n\r\nabc")), StringComparison.Ordinal);
        await AssertBlamelessAsync();
    }

    [Fact]
    public async Task Upload_ThatTakesTheRoutesTime_IsNotTheServicesFault()
    {
        await using var edge = await EdgeHost.StartAsync("--Services:MinimumThroughput=2", "--Requests:MinBytesPerSecond=0", "--ReverseProxy:Routes:edge:Timeout=00:00:03");
        // What a first request compiles is not to take the time of the one that counts.
        using (await edge.SendAsync("GET", "/edge/name"))
        {
        }
        for (var i = 0; i < Often; i++)
        {
            var answer = await edge.SendRawAsync(Encoding.Latin1.GetBytes($"POST /edge/read HTTP/1.1\r\n{Host}Connection: close\r\nContent-Length: 1000\r\n\r\nabc"));
            Assert.True(answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
            Assert.Contains("REQUEST_TIMEOUT", answer, StringComparison.Ordinal);
        }
        await AssertBlamelessAsync(edge);
    }

    private Task AssertBlamelessAsync() => AssertBlamelessAsync(_edge);

    /// <summary>The next request is passed on and answered, and no failure was counted.</summary>
    private static async Task AssertBlamelessAsync(EdgeHost edge)
    {
        using var response = await edge.SendAsync("GET", "/edge/name");
        Assert.Equal(200, (int)response.StatusCode);
        var figures = Assert.Single(edge.Gateway.Services.GetRequiredService<ServiceCalls>().Figures(), one => one.Service == "edge");
        Assert.Equal((0, 0), (figures.Errors, figures.Refused));
        var circuit = Assert.Single(edge.Gateway.Services.GetRequiredService<Jarvis.ServiceDefaults.Circuits.CircuitRegistry>().Reports(), one => one.Name == "edge");
        Assert.Equal(0, circuit.Failures);
    }
}
