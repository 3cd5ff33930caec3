using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Jarvis.ServiceDefaults.Tests.Observability;

/// <summary>Listeners to spans are global to a process, so these tests run while no other does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TracingCollection
{
    public const string Name = "tracing";
}

/// <summary>A service with the defaults of every service, whose spans stay here.</summary>
internal sealed class TracedApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Recorder _recorder = new();

    private TracedApp(string[] args, int slowMs)
    {
        // What Aspire says to every process that it starts.
        var builder = WebApplication.CreateBuilder(["--OTEL_TRACES_SAMPLER=always_on", $"--Telemetry:Sampling:SlowMs={slowMs}", .. args]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddSource(Source.Name).AddProcessor(new SimpleActivityExportProcessor(_recorder)));
        _app = builder.Build();
        _app.UseServiceDefaults();
        _app.MapDefaultEndpoints();
        _app.MapGet("/work", () =>
        {
            using var child = Source.StartActivity("SELECT", ActivityKind.Client);
            return Results.NoContent();
        }).AllowAnonymous();
        _app.MapGet("/fails/{with:int}", (int with) => Results.StatusCode(with)).AllowAnonymous();
        _app.MapGet("/throws", string () => throw new InvalidOperationException()).AllowAnonymous();
        _app.MapGet("/waits", async (TimeProvider time, CancellationToken aborted) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(slowMs + 20), time, aborted);
            using var child = Source.StartActivity("SELECT", ActivityKind.Client);
            return Results.NoContent();
        }).AllowAnonymous();
        _app.MapGet("/streams", async (HttpContext context, TimeProvider time) =>
        {
            context.Response.ContentType = "text/event-stream";
            await Task.Delay(TimeSpan.FromMilliseconds(slowMs + 20), time, context.RequestAborted);
        }).AllowAnonymous();
        _app.MapGet("/outlives", () =>
        {
            _ = LaterAsync();
            return Results.StatusCode(500);
        }).AllowAnonymous();
        _app.MapGet("/calls/{**path}", async (string path, IHttpClientFactory clients) =>
        {
            using var client = clients.CreateClient("other");
            using var answer = await client.GetAsync(new Uri(Client.BaseAddress!, path));
            return Results.Text(await answer.Content.ReadAsStringAsync());
        }).AllowAnonymous();
        _app.MapGet("/headers", (HttpRequest request) => string.Join('\n', request.Headers.Select(header => $"{header.Key}: {header.Value}"))).AllowAnonymous();
    }

    /// <summary>What a service has beside requests.</summary>
    public static ActivitySource Source { get; } = new("Jarvis.Tests.Tracing");

    /// <summary>Opens when what outlives its request may go on.</summary>
    public TaskCompletionSource Later { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Sends no trace context of its own, and one request after the other: when an answer comes, the request before has ended.</summary>
    public HttpClient Client { get; } = new(new SocketsHttpHandler { ActivityHeadersPropagator = null, MaxConnectionsPerServer = 1 });

    public static async Task<TracedApp> StartAsync(string[] args, int slowMs = 60_000)
    {
        var app = new TracedApp(args, slowMs);
        await app._app.StartAsync();
        app.Client.BaseAddress = new Uri(app._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return app;
    }

    public async Task<string> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await Client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>The spans that all requests so far have left.</summary>
    public async Task<Activity[]> SpansAsync()
    {
        await GetAsync("/alive");
        return [.. _recorder.Spans];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private async Task LaterAsync()
    {
        await Later.Task;
        using (Source.StartActivity("late", ActivityKind.Client))
            Ended.SetResult();
    }

    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Recorder : BaseExporter<Activity>
    {
        public ConcurrentQueue<Activity> Spans { get; } = [];

        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch)
                Spans.Enqueue(span);
            return ExportResult.Success;
        }
    }
}
