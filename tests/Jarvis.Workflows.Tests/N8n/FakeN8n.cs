using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Jarvis.Workflows.Tests.N8n;

/// <summary>A server on a free port that answers as a test says; what it was asked is kept.</summary>
internal sealed class FakeN8n : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeN8n(WebApplication app) => _app = app;

    public ConcurrentQueue<Seen> Requests { get; } = new();

    public string Address { get; private set; } = "";

    public static async Task<FakeN8n> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new FakeN8n(app);
        app.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            server.Requests.Enqueue(new(context.Request.Method, $"{context.Request.Path}{context.Request.QueryString}", await body.ReadToEndAsync(context.RequestAborted), headers));
            await answer(context);
        });
        await app.StartAsync();
        server.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return server;
    }

    /// <summary>Answers with a status and a body, counting from 0.</summary>
    public static Task<FakeN8n> StartAsync(Func<int, (int Status, string Body)> answer)
    {
        var count = -1;
        return StartAsync(async context =>
        {
            var (status, body) = answer(Interlocked.Increment(ref count));
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(body, context.RequestAborted);
        });
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    internal sealed record Seen(string Method, string Target, string Body, IReadOnlyDictionary<string, string> Headers);
}
