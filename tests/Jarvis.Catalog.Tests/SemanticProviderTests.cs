using System.Text.Json;
using Jarvis.Catalog.Semantic;
using Jarvis.ServiceDefaults.Correlation;
using Microsoft.AspNetCore.Http;

namespace Jarvis.Catalog.Tests;

public sealed class SemanticProviderTests : IAsyncLifetime, IDisposable
{
    private readonly TempLibrary _library = new();
    private SemanticFakeProvider _provider = null!;

    public async Task InitializeAsync() => _provider = await SemanticFakeProvider.StartAsync();

    public async Task DisposeAsync() => await _provider.DisposeAsync();

    public void Dispose() => _library.Dispose();

    [Theory]
    [InlineData("openai", null, """{"model":"fake","input":["one two","three"],"encoding_format":"float"}""", 6)]
    [InlineData("openai", 16, """{"model":"fake","input":["one two","three"],"encoding_format":"float","dimensions":16}""", 6)]
    [InlineData("ollama", null, """{"model":"fake","input":["one two","three"]}""", 4)]
    [InlineData("ollama", 16, """{"model":"fake","input":["one two","three"],"dimensions":16}""", 4)]
    public async Task Embed_EitherApi_SendsAndReadsIt(string api, int? dimensions, string body, long tokens)
    {
        using var bench = Bench(options => options with { Provider = api, BaseUrl = api == "openai" ? $"{_provider.Address}/v1" : _provider.Address, Dimensions = dimensions, ApiKey = "sk-key" });
        EmbeddingAnswer answer;
        using (CorrelationId.Use("req-of-a-test"))
            answer = await EmbedAsync(bench, "one two", "three");

        var call = Assert.Single(_provider.Calls);
        Assert.Equal((body, "Bearer sk-key", "req-of-a-test"), (JsonSerializer.Serialize(call.Body), call.Authorization, call.CorrelationId));
        // The fake OpenAI answers in reverse order, with indexes.
        var length = dimensions ?? SemanticFakeProvider.Dimensions;
        Assert.Equal([SemanticFakeProvider.Embed("one two", length), SemanticFakeProvider.Embed("three", length)], answer.Vectors);
        Assert.Equal(tokens, answer.Tokens);
    }

    [Theory]
    [InlineData("<html>not json", "not the JSON")]
    [InlineData("", "not the JSON")]
    [InlineData("null", "no embeddings")]
    [InlineData("{}", "no embeddings")]
    [InlineData("[]", "not the JSON")]
    [InlineData("{\"embeddings\": [[NaN]]}", "not the JSON")]
    [InlineData("{\"embeddings\": [[\"a\"]]}", "not the JSON")]
    [InlineData("{\"embeddings\": []}", "0 vectors for 1 texts")]
    [InlineData("{\"embeddings\": [[1],[2]]}", "2 vectors for 1 texts")]
    [InlineData("{\"embeddings\": [null]}", "empty")]
    [InlineData("{\"embeddings\": [[]]}", "empty")]
    [InlineData("{\"embeddings\": [[1e999, 1]]}", "not finite")]
    [InlineData("{\"embeddings\": [[0, 0]]}", "only zeros")]
    [InlineData("{\"error\": {\"message\": \"overloaded\"}}", "overloaded")]
    [InlineData("{\"error\": \"model 'fake' not found\"}", "model 'fake' not found")]
    public async Task Embed_BadAnswer_IsRefusedAndNamed(string body, string reason)
    {
        _provider.FailWith(() => Results.Text(body, "application/json"));
        using var bench = Bench();
        var failure = await Assert.ThrowsAsync<EmbeddingException>(() => EmbedAsync(bench, "text"));
        Assert.Equal(EmbeddingFault.BadAnswer, failure.Fault);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"data\": [{\"index\": 0, \"embedding\": [1]}, {\"index\": 0, \"embedding\": [1]}]}", "numbers the vectors wrongly")]
    [InlineData("{\"data\": [{\"index\": 7, \"embedding\": [1]}, {\"index\": 0, \"embedding\": [1]}]}", "numbers the vectors wrongly")]
    [InlineData("{\"data\": [{\"embedding\": [1]}, {\"embedding\": [1, 2]}]}", "2 dimensions, not 1")]
    [InlineData("{\"data\": [null, null]}", "empty")]
    [InlineData("{\"object\": \"list\"}", "no data")]
    public async Task Embed_BadOpenAiAnswer_IsRefusedAndNamed(string body, string reason)
    {
        _provider.FailWith(() => Results.Text(body, "application/json"));
        using var bench = Bench(options => options with { Provider = "openai", BaseUrl = $"{_provider.Address}/v1/" });
        var failure = await Assert.ThrowsAsync<EmbeddingException>(() => EmbedAsync(bench, "one", "two"));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, EmbeddingFault.InputRefused)]
    [InlineData(401, EmbeddingFault.Refused)]
    [InlineData(302, EmbeddingFault.Refused)]
    [InlineData(404, EmbeddingFault.Refused)]
    [InlineData(413, EmbeddingFault.InputRefused)]
    [InlineData(429, EmbeddingFault.Throttled)]
    [InlineData(500, EmbeddingFault.Unavailable)]
    [InlineData(503, EmbeddingFault.Unavailable)]
    public async Task Embed_Refused_SaysHow(int status, EmbeddingFault fault)
    {
        _provider.FailWith(() => Results.StatusCode(status));
        using var bench = Bench();
        Assert.Equal(fault, (await Assert.ThrowsAsync<EmbeddingException>(() => EmbedAsync(bench, "text"))).Fault);
        Assert.Single(_provider.Calls);
    }

    [Fact]
    public async Task Embed_KeyInTheError_IsNotRepeated()
    {
        _provider.FailWith(() => Results.Json(new { error = new { message = "Incorrect key sk-very-secret\nprovided" } }, statusCode: 401));
        using var bench = Bench(options => options with { ApiKey = "sk-very-secret" });
        var failure = await Assert.ThrowsAsync<EmbeddingException>(() => EmbedAsync(bench, "text"));
        Assert.Equal("it answered 401: Incorrect key ••• provided", failure.Message);
    }

    [Fact]
    public async Task Embed_Throttled_KeepsRetryAfter()
    {
        _provider.Fault = _ => Task.FromResult<IResult?>(new RetryLater("7"));
        using var bench = Bench();
        Assert.Equal(TimeSpan.FromSeconds(7), (await Assert.ThrowsAsync<EmbeddingException>(() => EmbedAsync(bench, "text"))).RetryAfter);
    }

    [Fact]
    public async Task Embed_TransientFailures_AreRepeatedForResourcesOnly()
    {
        _provider.Fault = _ => Task.FromResult<IResult?>(_provider.Calls.Count % 3 != 0 ? new RetryLater("0") : null);
        using var bench = Bench(options => options with { MaxRetries = 3 });
        await EmbedAsync(bench, "text");
        Assert.Equal(3, _provider.Calls.Count);
        await Assert.ThrowsAsync<EmbeddingException>(() => bench.Provider.EmbedAsync(["text"], EmbeddingPurpose.Query, CancellationToken.None));
        Assert.Equal(4, _provider.Calls.Count);
    }

    [Fact]
    public async Task Embed_SlowProvider_IsGivenUp()
    {
        var gate = new TaskCompletionSource();
        _provider.Fault = async _ =>
        {
            await gate.Task;
            return null;
        };
        using var bench = Bench(options => options with { TimeoutSeconds = 1 });
        var failure = await Assert.ThrowsAsync<EmbeddingException>(() => EmbedAsync(bench, "text"));
        gate.SetResult();
        Assert.Equal("it did not answer within 1 s", failure.Message);
    }

    [Fact]
    public async Task Embed_AfterManyFailures_AsksNoMore()
    {
        _provider.FailWith(() => Results.StatusCode(500));
        using var bench = Bench();
        var faults = new List<EmbeddingFault>();
        for (var i = 0; i < 10; i++)
            faults.Add((await Assert.ThrowsAsync<EmbeddingException>(() => EmbedAsync(bench, "text"))).Fault);
        Assert.Equal((EmbeddingFault.CircuitOpen, 6), (faults[^1], _provider.Calls.Count));
    }

    [Fact]
    public async Task Embed_NobodyThere_IsUnavailable()
    {
        using var bench = Bench(options => options with { BaseUrl = "http://127.0.0.1:1" });
        Assert.Equal("it does not answer", (await Assert.ThrowsAsync<EmbeddingException>(() => EmbedAsync(bench, "text"))).Message);
    }

    private static Task<EmbeddingAnswer> EmbedAsync(SemanticBench bench, params string[] texts) => bench.Provider.EmbedAsync(texts, EmbeddingPurpose.Document, CancellationToken.None);

    private SemanticBench Bench(Func<EmbeddingOptions, EmbeddingOptions>? configure = null) => new(_provider, _library, new(), configure);

    private sealed class RetryLater(string seconds) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = 429;
            httpContext.Response.Headers.RetryAfter = seconds;
            return Task.CompletedTask;
        }
    }
}
