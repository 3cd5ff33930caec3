using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>What a client may try against the whole stack: refused within its limits, and everybody else is served meanwhile.</summary>
[Collection(StackCollection.Name)]
public sealed class AbuseTests(JarvisStack jarvis)
{
    [Fact]
    public async Task GzipBomb_IsRefusedWhereItIsUnpacked()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 1_024; i++)
                await gzip.WriteAsync(zeros);
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = new ByteArrayContent(packed.ToArray()) };
        request.Content.Headers.ContentType = new("application/x-protobuf");
        request.Content.Headers.ContentEncoding.Add("gzip");
        using var response = await jarvis.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        await AssertServedAsync();
    }

    [Fact]
    public async Task GigabyteBody_IsRefusedBeforeItIsSent()
    {
        using var content = new StreamContent(new Zeros(1L << 30));
        content.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/workflow/trigger") { Content = content };
        request.Headers.ExpectContinue = true;
        using var response = await jarvis.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        await AssertServedAsync();
    }

    [Fact]
    public async Task DeepJson_IsRefusedWithItsPlace()
    {
        var deep = $"{{\"payload\": {new string('[', 100_000)}{new string(']', 100_000)}}}";
        using var response = await jarvis.Client.PostAsync("/api/v2/workflow/trigger", new StringContent(deep, Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("32 levels at line 1, position", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyHeaders_Are431()
    {
        var answer = await SendRawAsync($"GET /health HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i}: 1\r\n"))}\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
        Assert.Contains("HEADERS_TOO_LARGE", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SlowLoris_HoldsNobodyUp_AndIsCutOff()
    {
        var idle = Enumerable.Range(0, 200).Select(_ => SendRawAsync("GET / HTTP/1.1\r\nHost: local")).ToList();
        var started = Stopwatch.GetTimestamp();
        await AssertServedAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        foreach (var answer in await Task.WhenAll(idle))
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
    }

    private async Task AssertServedAsync()
    {
        using var response = await jarvis.Client.GetAsync("/api/v2/agents");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    /// <summary>Sends it as it is, and reads until the gateway closes the connection.</summary>
    private async Task<string> SendRawAsync(string request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new TcpClient();
        await client.ConnectAsync(jarvis.Client.BaseAddress!.Host, jarvis.Client.BaseAddress.Port, limit.Token);
        var (stream, answer, buffer) = (client.GetStream(), new StringBuilder(), new byte[16_384]);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request), limit.Token);
            while (await stream.ReadAsync(buffer, limit.Token) is > 0 and var read)
                answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Cut off.
        }
        return answer.ToString();
    }

    /// <summary>So many zeros, made when they are read.</summary>
    private sealed class Zeros(long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - Position);
            Array.Clear(buffer, offset, read);
            Position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin == SeekOrigin.Begin ? offset : throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
