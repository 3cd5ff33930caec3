using System.Net;
using System.Text.Json;
using Jarvis.Gateway.Audit;
using Jarvis.Gateway.HotCache;
using Jarvis.Gateway.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests;

/// <summary>The gateway as it ships, in front of a fake catalog; no Redis, no other service.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayHost(FakeCatalog catalog, WebApplication app) => (Catalog, _app) = (catalog, app);

    public FakeCatalog Catalog { get; }

    /// <summary>Neither asks for compression by itself nor undoes it.</summary>
    public HttpClient Client { get; private set; } = null!;

    public FakeAuditLog Audit { get; private init; } = null!;

    public IServiceProvider Services => _app.Services;

    public HotAnswers Answers => _app.Services.GetRequiredService<HotAnswers>();

    /// <summary>Makes the API description anew, as its age would.</summary>
    public Task RefreshDocumentAsync() => _app.Services.GetRequiredService<MergedDocument>().MakeAsync();

    public static async Task<GatewayHost> StartAsync(Action<WebApplicationBuilder>? configure = null, params string[] settings)
    {
        var catalog = await FakeCatalog.StartAsync();
        var audit = new FakeAuditLog();
        var app = GatewayApp.Create(
            [
                "--applicationName", "Jarvis.Gateway", $"--Security:ServiceKey={SignedIn.ServiceKey}", "--contentRoot", AppContext.BaseDirectory, "--urls", "http://127.0.0.1:0", "--ConnectionStrings:jarvisdb=Host=127.0.0.1;Port=1;Username=nobody", $"--ReverseProxy:Clusters:catalog:Destinations:catalog:Address={catalog.Address}",
                "--ReverseProxy:Clusters:workflows:Destinations:workflows:Address=http://127.0.0.1:1", "--ReverseProxy:Clusters:telemetry:Destinations:telemetry:Address=http://127.0.0.1:1",
                .. settings,
            ],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.WithoutPostgres();
                builder.Services.AddSingleton<IAuditLog>(audit);
                configure?.Invoke(builder);
            });
        await app.StartAsync();
        var token = await SignedIn.TokenAsync(app.Services);
        return new GatewayHost(catalog, app)
        {
            Audit = audit,
            Client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None })
            {
                BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
                Timeout = TimeSpan.FromSeconds(30),
                DefaultRequestHeaders = { Authorization = new("Bearer", token) },
            },
        };
    }

    public Task<HttpResponseMessage> SendAsync(string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return Client.SendAsync(request);
    }

    /// <summary>The version of the catalog that the answer is from.</summary>
    public async Task<string?> VersionAsync(string path = "/api/v2/agents") =>
        JsonSerializer.Deserialize<JsonElement>(await Client.GetStringAsync(path)).GetProperty("data").GetProperty("version").GetString();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        // Requests that wait in the catalog would hold up the gateway's stop.
        Catalog.Open();
        await _app.DisposeAsync();
        await Catalog.DisposeAsync();
    }
}
