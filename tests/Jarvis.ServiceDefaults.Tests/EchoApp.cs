using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Jarvis.ServiceDefaults.Tests;

/// <summary>A small service with the defaults of every service, on a free port of the loopback.</summary>
public sealed class EchoApp : IAsyncLifetime
{
    private readonly WebApplication _app = Build();

    public HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        // As a client of another process: this one's calls are instrumented with the service's.
        Client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = new Uri(address) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateBuilder(["--Requests:MaxBodyBytes=4096", "--Requests:HandlerTimeoutSeconds=1"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Services.AddValidation();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapDefaultEndpoints();
        app.MapGet("/echo", () => Enveloped.Ok(new Echo(CorrelationId.Current, Activity.Current?.GetTagItem(CorrelationId.Attribute) as string))).AllowAnonymous();
        app.MapGet("/name", (HttpContext context) =>
        {
            context.Response.Headers["X-Name"] = context.Request.Headers["X-Name"];
            return Enveloped.Ok(HeaderEncoding.Readable(context.Request.Headers["X-Name"].ToString()));
        }).AllowAnonymous();
        // Calls somebody else on the caller's behalf, as services do.
        app.MapGet("/call", async (HttpContext context, IHttpClientFactory clients) =>
        {
            using var client = clients.CreateClient();
            using var answer = await client.GetAsync(new Uri($"http://{context.Request.Host}/echo"));
            return Results.StatusCode((int)answer.StatusCode);
        }).AllowAnonymous();
        app.MapGet("/list", (ListQuery query) => Enveloped.Ok(query)).AllowAnonymous();
        app.MapPost("/body", (Order order) => Enveloped.Ok(order)).AllowAnonymous();
        app.MapGet("/missing", () => Failure.NotFound("No agent is named 'foo'.")).AllowAnonymous();
        app.MapGet("/boom", string () => throw new InvalidDataException("secret /etc/passwd")).AllowAnonymous();
        app.MapGet("/postgres", string () => throw new NpgsqlException("Host=10.0.0.1 refused")).AllowAnonymous();
        app.MapGet("/slow", async (CancellationToken cancellationToken) => await Task.Delay(Timeout.Infinite, cancellationToken)).AllowAnonymous();
        app.MapGet("/bare/{status:int}", (int status) => Results.StatusCode(status)).AllowAnonymous();
        return app;
    }
}

public sealed record Echo(string? Ambient, string? Tag);

public sealed record Order([property: Required, StringLength(20)] string? CustomerName, [property: Range(1, 9)] int Quantity, OrderState State, DateTimeOffset PlacedAt);

public enum OrderState
{
    NotPaid,
    PaidInFull,
}
