using System.Text.Json;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Catalog.Tests;

/// <summary>The whole service on a free port of the loopback, with a library of its own and neither Redis nor Postgres.</summary>
public sealed class CatalogHost : IAsyncDisposable
{
    private const string Key = "key-of-a-test";

    private readonly WebApplication _app;

    private CatalogHost(TempLibrary library, WebApplication app) => (Library, _app) = (library, app);

    public TempLibrary Library { get; }

    public HttpClient Client { get; } = new();

    public IServiceProvider Services => _app.Services;

    public static async Task<CatalogHost> StartAsync(TempLibrary library, params string[] settings)
    {
        var host = new CatalogHost(library, CatalogApp.Create([
            "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Error", "--ConnectionStrings:redis=127.0.0.1:1,abortConnect=false,connectTimeout=100",
            "--ConnectionStrings:jarvisdb=Host=127.0.0.1;Port=1;Username=nobody",
            $"--Catalog:Roots:0={library.Folder}", $"--Security:ServiceKey={Key}", .. settings,
        ]));
        await host._app.StartAsync();
        host.Client.BaseAddress = new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        host.Client.DefaultRequestHeaders.Add(ServiceKey.Header, Key);
        // Answers when a scan that began after it is done.
        (await host.Client.PostAsync(new Uri("/api/v2/catalog/reload", UriKind.Relative), content: null)).EnsureSuccessStatusCode();
        return host;
    }

    public async Task<JsonElement> DataAsync(string path) => (await JsonAsync(path)).GetProperty("data");

    public async Task<JsonElement> JsonAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        Library.Dispose();
    }
}
