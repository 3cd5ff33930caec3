using System.Collections.Concurrent;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests;

/// <summary>A service that answers as the catalog does, and says how often it was asked what.</summary>
internal sealed class FakeCatalog : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);
    private WebApplication _app = null!;
    private TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Address { get; private set; } = "";

    /// <summary>The catalog's version, which is in every answer.</summary>
    public string Version { get; set; } = "one";

    /// <summary>Ends when a request has come to a closed gate.</summary>
    public Task Arrived => _arrived.Task;

    public static async Task<FakeCatalog> StartAsync()
    {
        var catalog = new FakeCatalog();
        catalog._gate.SetResult();
        var builder = WebApplication.CreateBuilder(["--applicationName", "Jarvis.Catalog", $"--Security:ServiceKey={SignedIn.ServiceKey}"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        // Who may ask it is not what is tested with it.
        builder.Services.Configure<RouteOptions>(routes => routes.SuppressCheckForUnhandledSecurityMetadata = true);
        builder.Services.AddSingleton<ICountedCache>(new ByteLru<string>(new ByteLruOptions("pages", 1_000_000), TimeProvider.System));
        var app = catalog._app = builder.Build();
        app.UseServiceDefaults();
        app.Use(catalog.CountAsync);
        app.MapDefaultEndpoints();
        catalog.Map(app.MapGroup("/api/v2").AllowAnonymous());
        app.MapGet("/api/v1/agents", () => Prepared.Ok(PreparedBody.OfMembers("\"agents\":{},\"count\":0"u8, catalog.Version), catalog.Version)).AllowAnonymous();
        await app.StartAsync();
        catalog.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return catalog;
    }

    public int Asked(string path) => _asked.GetValueOrDefault(path);

    /// <summary>From now on requests wait until <see cref="Open"/>. What was read of <see cref="Version"/> is what stood when they came.</summary>
    public void Close()
    {
        _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Open() => _gate.TrySetResult();

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync()
    {
        Open();
        return _app.DisposeAsync();
    }

    private void Map(RouteGroupBuilder api)
    {
        api.MapGet("/agents", AgentsAsync);
        api.MapPost("/agents", () =>
        {
            Version = "written";
            return Enveloped.Created(Version, "/api/v2/agents/new");
        });
        api.MapGet("/agents/nobody", () => Failure.NotFound("No agent is named 'nobody'."));
        api.MapGet("/agents/{id}/content", (HttpRequest request) => Prepared.Ok(
            request.Headers.Accept == "text/markdown" ? PreparedBody.Whole("# Hello"u8.ToArray(), "text/markdown", "raw", "Accept") : PreparedBody.Of("# Hello", "json", vary: "Accept"),
            Version));
        api.MapGet("/skills", (HttpResponse response) =>
        {
            response.Headers.ETag = "\"skills\"";
            return Enveloped.Ok(Version);
        });
    }

    private async Task<IResult> AgentsAsync()
    {
        var version = Version;
        _arrived.TrySetResult();
        await _gate.Task;
        return Prepared.Ok(PreparedBody.Of(new { version, text = new string('x', 5_000) }, version), version);
    }

    private Task CountAsync(HttpContext context, RequestDelegate next)
    {
        _asked.AddOrUpdate(context.Request.Path.Value!, 1, (_, before) => before + 1);
        return next(context);
    }
}
