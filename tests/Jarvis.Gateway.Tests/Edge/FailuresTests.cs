using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Caching;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Gateway.Tests.Edge;

/// <summary>Every status by which something can fail here, and what the client then reads.</summary>
public sealed class FailuresTests : IAsyncLifetime
{
    private EdgeHost _edge = null!;

    public async Task InitializeAsync() => _edge = await EdgeHost.StartAsync("--Requests:HandlerTimeoutSeconds=2", "--ReverseProxy:Routes:edge:Metadata:MaxBodyBytes=2000");

    public Task DisposeAsync() => _edge.DisposeAsync().AsTask();

    [Theory]
    [InlineData("GET", "/nope", 404, "ROUTE_NOT_FOUND")]
    [InlineData("GET", "/edge/nope", 404, "ROUTE_NOT_FOUND")]
    [InlineData("GET", "/edge/missing", 404, "RESOURCE_NOT_FOUND")]
    [InlineData("PATCH", "/health", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("PATCH", "/edge/body", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("BREW", "/health", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("GET", "/edge/gone", 502, "INTEGRATION_ERROR")]
    [InlineData("GET", "/api/v2/tasks/recent", 503, "SERVICE_UNAVAILABLE")]
    [InlineData("GET", "/edge/gate/never", 504, "INTEGRATION_TIMEOUT")]
    public async Task Request_ThatFails_IsTheContractsProblem(string method, string path, int status, string code)
    {
        using var response = await _edge.SendAsync(method, path, ("X-Correlation-ID", "failed-001"));
        await AssertProblemAsync(response, status, code);
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
    }

    [Theory]
    [InlineData("{\n  \"a\": oops\n}", "application/json", 400, "line 2, position 8")]
    [InlineData("{\"a\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", "application/json", 400, "32 levels at line 1")]
    [InlineData("", "application/json", 400, "")]
    [InlineData("a=1", "application/x-www-form-urlencoded", 415, "application/json")]
    public async Task Body_ThatIsWrong_IsToldWhere(string body, string type, int status, string told)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/edge/body") { Content = new StringContent(body, Encoding.UTF8, type) };
        request.Headers.Add("X-Correlation-ID", "failed-001");
        using var response = await _edge.Client.SendAsync(request);
        Assert.Contains(told, await AssertProblemAsync(response, status, "MALFORMED_REQUEST"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/edge/body")]
    [InlineData("/api/v2/cache/clear")]
    public async Task Body_ThatIsCompressed_Is415WhereNobodyUnpacksIt(string path)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync("{}"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(packed.ToArray()) };
        request.Content.Headers.ContentType = new("application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");
        request.Headers.Add("X-Correlation-ID", "failed-001");
        using var response = await _edge.Client.SendAsync(request);
        Assert.Contains("Content-Encoding", await AssertProblemAsync(response, 415, "MALFORMED_REQUEST"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_OverItsRoutesLimit_Is413(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/edge/read") { Content = new ByteArrayContent(new byte[100_000]) };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.Add("X-Correlation-ID", "failed-001");
        using var response = await _edge.Client.SendAsync(request);
        await AssertProblemAsync(response, 413, "PAYLOAD_TOO_LARGE");
    }

    [Theory]
    [InlineData("Content-Length: 1073741824\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n")]
    public async Task Gigabyte_IsRefusedWithoutBeingTaken(string framing)
    {
        // The client goes on sending for as long as it is let; it has read that it need not.
        var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string('x', 65_536)}\r\n");
        var head = Encoding.ASCII.GetBytes($"POST /edge/read HTTP/1.1\r\nHost: localhost\r\n{framing}");
        var answer = await _edge.SendRawAsync([.. head, .. Enumerable.Repeat(chunk, 320).SelectMany(bytes => bytes)]);
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("PAYLOAD_TOO_LARGE", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_ThatBreaksOff_EndsTheConnection()
    {
        using var response = await _edge.Client.GetAsync(new Uri("/edge/break", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)response.StatusCode);
        _edge.Open("break");
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Exception_OfOurOwn_Is500AndLeaksNothing()
    {
        await using var gateway = await GatewayHost.StartAsync(builder => builder.Services.AddSingleton<ICacheDirectory, BrokenDirectory>());
        using var response = await gateway.SendAsync("/api/v2/cache/stats", ("X-Correlation-ID", "failed-001"));
        await AssertProblemAsync(response, 500, "INTERNAL_ERROR");
    }

    private static async Task<string> AssertProblemAsync(HttpResponseMessage response, int status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal(code, problem.GetProperty("error_code").GetString());
        Assert.Equal("failed-001", problem.GetProperty("correlation_id").GetString());
        Assert.Equal(["failed-001"], response.Headers.GetValues("X-Correlation-ID"));
        foreach (var secret in (string[])["Exception", "   at ", "System.", "Jarvis.Gateway", "Jarvis.ServiceDefaults", "Microsoft", "127.0.0.1", "/etc", "Yarp", "Kestrel"])
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        return problem.GetProperty("detail").GetString()!;
    }

    private sealed class BrokenDirectory : ICacheDirectory
    {
        public Task<CachesAnswer> StatsAsync(CancellationToken cancellationToken) => throw new InvalidDataException("secret of System.IO in /etc/passwd");

        public Task<ClearedAnswer> ClearAsync(string? name, CancellationToken cancellationToken) => throw new InvalidDataException("secret of System.IO in /etc/passwd");
    }
}
