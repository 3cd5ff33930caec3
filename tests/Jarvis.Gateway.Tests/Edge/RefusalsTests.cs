using System.Text;
using System.Text.Json;

namespace Jarvis.Gateway.Tests.Edge;

/// <summary>What the server refuses before there is a request, as bytes on a socket.</summary>
public sealed class RefusalsTests : IAsyncLifetime
{
    private const string Host = "Host: localhost\r\n";
    private EdgeHost _edge = null!;

    public async Task InitializeAsync() => _edge = await EdgeHost.StartAsync("--Requests:HeaderTimeoutSeconds=3", "--Requests:SlowGraceSeconds=2");

    public Task DisposeAsync() => _edge.DisposeAsync().AsTask();

    public static TheoryData<string, string, int, string> Requests => new()
    {
        { "no HTTP", "GARBAGE\r\n\r\n", 400, "MALFORMED_REQUEST" },
        { "TLS where none is spoken", "\u0016\u0003\u0001\u0002\0\u0001\r\n\r\n", 400, "MALFORMED_REQUEST" },
        { "no Host", "GET / HTTP/1.1\r\n\r\n", 400, "MALFORMED_REQUEST" },
        { "two Hosts", $"GET / HTTP/1.1\r\n{Host}{Host}\r\n", 400, "MALFORMED_REQUEST" },
        { "NUL in a header", $"GET / HTTP/1.1\r\n{Host}X: a\0b\r\n\r\n", 400, "MALFORMED_REQUEST" },
        { "NUL in the path", $"GET /\0 HTTP/1.1\r\n{Host}\r\n", 400, "MALFORMED_REQUEST" },
        { "length that is no number", $"POST /edge/read HTTP/1.1\r\n{Host}Content-Length: abc\r\n\r\n", 400, "MALFORMED_REQUEST" },
        { "long URI", $"GET /{new string('a', 20_000)} HTTP/1.1\r\n{Host}\r\n", 414, "MALFORMED_REQUEST" },
        { "10,000 headers", $"GET / HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i}: 1\r\n"))}\r\n", 431, "HEADERS_TOO_LARGE" },
        { "large header", $"GET / HTTP/1.1\r\n{Host}X: {new string('a', 100_000)}\r\n\r\n", 431, "HEADERS_TOO_LARGE" },
        { "other version", $"GET / HTTP/3.7\r\n{Host}\r\n", 505, "MALFORMED_REQUEST" },
        { "headers that do not come", "GET / HTTP/1.1\r\nHo", 408, "REQUEST_TIMEOUT" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task RequestThatIsNone_IsToldSoInTheContractsForm(string what, string request, int status, string code)
    {
        var answer = await _edge.SendRawAsync(Encoding.Latin1.GetBytes(request));
        var (head, body) = Split(answer);
        Assert.True(head.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.Contains("\r\nConnection: close\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/problem+json\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Kestrel", answer, StringComparison.OrdinalIgnoreCase);
        var problem = JsonSerializer.Deserialize<JsonElement>(body);
        Assert.Equal(code, problem.GetProperty("error_code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.False(problem.GetProperty("success").GetBoolean());
        Assert.Contains($"\r\nX-Correlation-ID: {problem.GetProperty("correlation_id").GetString()}", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CorrelationId_ThatWasReadBefore_ComesBack()
    {
        var answer = await _edge.SendRawAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\n{Host}X-Correlation-ID: refused-01\r\nX: {new string('a', 100_000)}\r\n\r\n"));
        Assert.Contains("\r\nX-Correlation-ID: refused-01", answer, StringComparison.Ordinal);
        Assert.Contains("\"correlation_id\":\"refused-01\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GarbageAfterARequest_LeavesThatOnesAnswerWhole()
    {
        var answer = await _edge.SendRawAsync(Encoding.ASCII.GetBytes($"GET /edge/text/2000 HTTP/1.1\r\n{Host}\r\nGARBAGE\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 200 OK", answer, StringComparison.Ordinal);
        Assert.Contains(new string('x', 2_000), answer, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 400 Bad Request", answer, StringComparison.Ordinal);
        Assert.Contains("MALFORMED_REQUEST", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 500\r\n\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nab")]
    public async Task BodyThatDoesNotCome_Is408(string rest)
    {
        var answer = await _edge.SendRawAsync(Encoding.ASCII.GetBytes($"POST /edge/read HTTP/1.1\r\n{Host}{rest}"));
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("REQUEST_TIMEOUT", answer, StringComparison.Ordinal);
    }

    private static (string Head, string Body) Split(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, answer);
        return (answer[..(end + 2)], answer[(end + 4)..]);
    }
}
