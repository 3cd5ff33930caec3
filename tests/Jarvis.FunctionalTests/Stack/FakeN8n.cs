using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>A server that answers as n8n was measured to answer (docs/n8n.md), and remembers what it was asked.</summary>
public sealed class FakeN8n : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Call>> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);
    private WebApplication? _app;

    private FakeN8n(int port) => Port = port;

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public static async Task<FakeN8n> StartAsync()
    {
        var fake = new FakeN8n(Ports.Free());
        await fake.ResumeAsync();
        return fake;
    }

    /// <summary>What came in on <c>/webhook/{path}</c>.</summary>
    public IReadOnlyCollection<Call> Calls(string path) => _calls.GetValueOrDefault(path) ?? [];

    /// <summary>Lets requests on <c>/webhook/gate-{name}</c> finish.</summary>
    public void Open(string name) => Gate(name).TrySetResult();

    /// <summary>The server goes away: connections are refused.</summary>
    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.DisposeAsync();
        }
    }

    public async Task ResumeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address.AbsoluteUri);
        var app = builder.Build();
        app.MapGet("/healthz", () => Results.Json(new { status = "ok" }));
        app.MapPost("/webhook/{path}", AnswerAsync);
        await app.StartAsync();
        _app = app;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates.Values)
            gate.TrySetResult();
        await StopAsync();
    }

    private async Task<IResult> AnswerAsync(string path, HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        _calls.GetOrAdd(path, _ => new()).Enqueue(new Call(
            request.Headers["X-Correlation-ID"].ToString(), request.Headers["Idempotency-Key"].ToString(), request.Headers["traceparent"].ToString(), body));
        if (path.StartsWith("gate-", StringComparison.Ordinal))
            await Gate(path[5..]).Task.WaitAsync(TimeSpan.FromSeconds(60));
        return path switch
        {
            "fail" => Results.Json(new { message = "Error in workflow" }, statusCode: 500),
            "picky" => Results.Json(new { errors = new { quantity = new[] { "must be positive" } }, api_key = "key-of-the-workflow" }, statusCode: 422),
            "rubbish" => Results.Text("<html>not what you wanted", "text/html"),
            "forbidden" => Results.Text("Authorization data is wrong!", statusCode: 403),
            "started" => Results.Json(new { message = "Workflow was started" }),
            "never-registered" => Results.Json(
                new { code = 404, message = "The requested webhook \"POST never-registered\" is not registered.", hint = "Activate the workflow." }, statusCode: 404),
            _ => Results.Json(new { executionId = "77", echo = body.Length == 0 ? null : JsonSerializer.Deserialize<JsonElement?>(body) }),
        };
    }

    private TaskCompletionSource Gate(string name) =>
        _gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public sealed record Call(string CorrelationId, string IdempotencyKey, string Traceparent, string Body);
}
