using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Jarvis.Catalog.Tests;

/// <summary>
/// An embedding server of both APIs. Its vectors are hashed bags of words, in which words of one meaning are one word, so that meaning and
/// wording can be told apart; <see cref="Fault"/> makes it answer otherwise.
/// </summary>
public sealed partial class SemanticFakeProvider : IAsyncDisposable
{
    public const int Dimensions = 96;

    private static readonly Dictionary<string, string> Meanings = new(StringComparer.Ordinal)
    {
        ["postgres"] = "database",
        ["sql"] = "database",
        ["automobile"] = "car",
        ["vehicle"] = "car",
        ["invoice"] = "bill",
        ["sailors"] = "seafarers",
    };

    private readonly WebApplication _app;

    private SemanticFakeProvider(WebApplication app) => _app = app;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public ConcurrentQueue<Call> Calls { get; } = new();

    public IReadOnlyList<string> Texts => [.. Calls.SelectMany(call => call.Texts)];

    /// <summary>An answer instead of the right one, or null for the right one.</summary>
    public Func<Call, Task<IResult?>> Fault { get; set; } = _ => Task.FromResult<IResult?>(null);

    /// <summary>Numbers of a vector that is asked for without saying how many.</summary>
    public int Length { get; set; } = Dimensions;

    public static async Task<SemanticFakeProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new SemanticFakeProvider(app);
        app.MapPost("/v1/embeddings", request => fake.AnswerAsync(request, vectors => new
        {
            @object = "list",
            data = vectors.Select((vector, index) => new { @object = "embedding", index, embedding = vector }).Reverse(),
            usage = new { prompt_tokens = vectors.Count * 3, total_tokens = vectors.Count * 3 },
        }));
        app.MapPost("/api/embed", request => fake.AnswerAsync(request, vectors => new { model = "m", embeddings = vectors, prompt_eval_count = vectors.Count * 2 }));
        await app.StartAsync();
        return fake;
    }

    public void FailWith(Func<IResult> answer) => Fault = _ => Task.FromResult<IResult?>(answer());

    public void Recover() => Fault = _ => Task.FromResult<IResult?>(null);

    public static float[] Embed(string text, int length = Dimensions)
    {
        var vector = new float[length];
        foreach (Match word in Words().Matches(text.ToLowerInvariant()))
            vector[Hash(Meanings.GetValueOrDefault(word.Value, word.Value)) % (uint)length]++;
        vector[0] += 0.01f;
        return vector;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, Func<IReadOnlyList<float[]>, object> shape)
    {
        var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body);
        var headers = context.Request.Headers;
        var call = new Call([.. body.GetProperty("input").EnumerateArray().Select(text => text.GetString()!)], headers.Authorization.ToString(), headers["X-Correlation-ID"].ToString(), body);
        Calls.Enqueue(call);
        var length = body.TryGetProperty("dimensions", out var given) ? given.GetInt32() : Length;
        var answer = await Fault(call) ?? Results.Json(shape([.. call.Texts.Select(text => Embed(text, length))]));
        await answer.ExecuteAsync(context);
    }

    private static uint Hash(string word)
    {
        var hash = 2_166_136_261u;
        foreach (var letter in word)
            hash = (hash ^ letter) * 16_777_619;
        return hash;
    }

    [GeneratedRegex("[a-z]{3,}", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Words();

    public sealed record Call(IReadOnlyList<string> Texts, string Authorization, string CorrelationId, JsonElement Body);
}
