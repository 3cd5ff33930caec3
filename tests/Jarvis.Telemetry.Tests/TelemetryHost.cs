using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.Telemetry.Tests;

/// <summary>The service on a free port of the loopback, with neither Redis nor Postgres nor what goes on in the background.</summary>
public sealed class TelemetryHost : IAsyncLifetime
{
    private const string Key = "key-of-a-test";

    private readonly WebApplication _app = TelemetryApp.Create(
        [
            "--urls=http://127.0.0.1:0", $"--Security:ServiceKey={Key}", "--ConnectionStrings:redis=127.0.0.1:1,abortConnect=false,connectTimeout=100",
            "--ConnectionStrings:jarvisdb=Host=127.0.0.1;Port=1;Username=nobody",
        ],
        builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.RemoveAll<IHostedService>();
        });

    public HttpClient Client { get; } = new() { DefaultRequestHeaders = { { ServiceKey.Header, Key } } };

    public IServiceProvider Services => _app.Services;

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        Client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
