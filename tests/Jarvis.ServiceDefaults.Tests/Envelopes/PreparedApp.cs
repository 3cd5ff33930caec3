using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Tests.Envelopes;

/// <summary>A service that answers with prepared bodies, on a free port of the loopback.</summary>
public sealed class PreparedApp : IAsyncLifetime
{
    public static readonly IReadOnlyList<string> Many = [.. Enumerable.Range(0, 500).Select(number => $"agent {number} – \"ünï\"")];

    private readonly WebApplication _app = Build();

    /// <summary>Neither asks for compression by itself nor undoes it.</summary>
    public HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        Client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.None })
        {
            BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.UseServiceDefaults();
        var (many, few) = (PreparedBody.Of(Many, "many"), PreparedBody.Of("few", "few", new Dictionary<string, object?>(StringComparer.Ordinal) { ["mode_used"] = "lexical" }));
        var text = PreparedBody.Whole(new byte[5_000], "text/markdown; charset=utf-8", "text", "Accept");
        var old = PreparedBody.OfMembers("\"agents\":{\"a\":1},\"count\":1"u8, "old");
        app.MapGet("/many", () => Prepared.Ok(many, "7")).AllowAnonymous();
        app.MapGet("/few", () => Prepared.Ok(few, "7")).AllowAnonymous();
        app.MapGet("/text", () => Prepared.Ok(text, "7")).AllowAnonymous();
        app.MapGet("/old", () => Prepared.Ok(old, "7")).AllowAnonymous();
        app.MapGet("/plain", () => Enveloped.Ok(Many)).AllowAnonymous();
        return app;
    }
}
