using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests.OpenApi;

/// <summary>A service that has nothing but an OpenAPI document.</summary>
internal sealed class DescribedService : IAsyncDisposable
{
    private const string Plain = """
        {"paths": {"/api/v2/traces": {"get": {"summary": "Of the service.", "responses": {}}}, "/internal": {"get": {"responses": {}}}}}
        """;

    private readonly WebApplication _app;

    private DescribedService(WebApplication app) => _app = app;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<DescribedService> StartAsync(string document = Plain)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/openapi/v2.json", () => Results.Text(document, "application/json"));
        await app.StartAsync();
        return new DescribedService(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
