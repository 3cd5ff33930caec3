using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests.Edge;

/// <summary>The gateway in front of a service that answers in every way that matters to the edge, below <c>/edge</c>.</summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _arrivals = new(StringComparer.Ordinal);
    private WebApplication _service = null!;

    public GatewayHost Gateway { get; private set; } = null!;

    public HttpClient Client => Gateway.Client;

    public static async Task<EdgeHost> StartAsync(params string[] settings)
    {
        var host = new EdgeHost();
        var builder = WebApplication.CreateBuilder(["--applicationName", "Jarvis.Edge"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        host._service = builder.Build();
        host._service.UseServiceDefaults();
        host.Map(host._service);
        await host._service.StartAsync();
        host.Gateway = await GatewayHost.StartAsync(null,
            [
                $"--ReverseProxy:Clusters:edge:Destinations:one:Address={host._service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}",
                "--ReverseProxy:Routes:edge:ClusterId=edge", "--ReverseProxy:Routes:edge:Match:Path=/edge/{**rest}", "--ReverseProxy:Routes:edge:AuthorizationPolicy=Anonymous",
                "--ReverseProxy:Routes:edge-auth:ClusterId=edge", "--ReverseProxy:Routes:edge-auth:Match:Path=/api/v2/auth/{**rest}", "--ReverseProxy:Routes:edge-auth:AuthorizationPolicy=Anonymous",
                .. settings,
            ]);
        return host;
    }

    /// <summary>Ends when a request waits at <c>/edge/gate/{name}</c>.</summary>
    public Task ArrivedAsync(string name) => Of(_arrivals, name).Task.WaitAsync(TimeSpan.FromSeconds(30));

    public void Open(string name) => Of(_gates, name).TrySetResult();

    public Task<HttpResponseMessage> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return Client.SendAsync(request);
    }

    /// <summary>Sends bytes as they are, and reads until the gateway closes the connection.</summary>
    public async Task<string> SendRawAsync(byte[] request) => Encoding.UTF8.GetString(await SendBytesAsync(request));

    /// <inheritdoc cref="SendRawAsync"/>
    /// <param name="read">Whether to wait for the answer; else the client is gone once it has sent.</param>
    public async Task<byte[]> SendBytesAsync(byte[] request, bool read = true)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new TcpClient();
        await client.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port, limit.Token);
        var stream = client.GetStream();
        var sending = stream.WriteAsync(request, limit.Token).AsTask();
        var (answer, buffer) = (new MemoryStream(), new byte[16_384]);
        try
        {
            while (read && await stream.ReadAsync(buffer, limit.Token) is > 0 and var length)
                answer.Write(buffer, 0, length);
            await sending;
        }
        catch (IOException)
        {
            // The gateway does not take the rest.
        }
        return answer.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates.Values)
            gate.TrySetResult();
        await Gateway.DisposeAsync();
        await _service.DisposeAsync();
    }

    private static TaskCompletionSource Of(ConcurrentDictionary<string, TaskCompletionSource> sources, string name) =>
        sources.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private void Map(WebApplication app)
    {
        var edge = app.MapGroup("/edge").AllowAnonymous();
        edge.MapGet("/query", (HttpRequest request) => Results.Text(request.QueryString.Value));
        edge.MapMethods("/headers", ["GET", "POST"], (HttpRequest request) => Results.Json(request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString())));
        edge.MapGet("/text/{length:int}", (int length) => Results.Text(new string('x', length)));
        edge.MapGet("/json/{length:int}", (int length) => Enveloped.Ok(new string('x', length)));
        edge.MapGet("/tagged", (HttpResponse response) =>
        {
            response.Headers.ETag = "\"one\"";
            return Results.Text(new string('x', 5_000));
        });
        edge.MapGet("/image", () => Results.Bytes(new byte[5_000], "image/png"));
        edge.MapGet("/who", (HttpRequest request) => Results.Text($"{request.Headers["X-Forwarded-For"]} {request.Headers["X-Forwarded-Proto"]} {request.Headers["X-Forwarded-Host"]}"));
        edge.MapGet("/name", (HttpContext context) =>
        {
            context.Response.Headers["X-Name"] = context.Request.Headers["X-Name"];
            return Enveloped.Ok(context.Request.Headers.Count);
        });
        edge.MapPost("/body", (Dictionary<string, object> body) => Enveloped.Ok(body.Count));
        edge.MapPost("/read", async (HttpRequest request) =>
        {
            await request.Body.CopyToAsync(Stream.Null, request.HttpContext.RequestAborted);
            return Enveloped.Ok("read");
        });
        edge.MapGet("/gate/{name}", async (string name) =>
        {
            Of(_arrivals, name).TrySetResult();
            await Of(_gates, name).Task;
            return Enveloped.Ok(name);
        });
        edge.MapGet("/events/{name}", async (string name, HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync($"data: {new string('x', 5_000)}\n\n");
            await context.Response.Body.FlushAsync();
            await Of(_gates, name).Task.WaitAsync(context.RequestAborted);
        });
        edge.MapGet("/break", async (HttpContext context) =>
        {
            context.Response.ContentLength = 100_000;
            await context.Response.Body.WriteAsync(new byte[20_000]);
            await context.Response.Body.FlushAsync();
            await Of(_gates, "break").Task;
            context.Abort();
        });
        edge.MapGet("/gone", (HttpContext context) => context.Abort());
        app.MapGet("/api/v2/auth/long", () => Results.Text(new string('x', 5_000))).AllowAnonymous();
        edge.MapGet("/missing", () => Failure.NotFound("Nothing is called so."));
    }
}
