using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Jarvis.Workflows.Triggers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Jarvis.Workflows.Tests;

/// <summary>The routes of the service on a free port of the loopback, with neither Redis nor Postgres nor a worker.</summary>
public sealed class WorkflowsHost : IAsyncLifetime
{
    private const string Key = "key-of-a-test";

    private readonly WebApplication _app = Build();

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

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateBuilder(
            [$"--Security:ServiceKey={Key}", "--N8n:BaseUrl=http://127.0.0.1:1", "--ConnectionStrings:redis=127.0.0.1:1,abortConnect=false,connectTimeout=100"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddMessaging();
        builder.AddTasks();
        builder.AddTriggers();
        builder.AddN8n();
        builder.Services.AddSingleton(NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody"));
        builder.Services.RemoveAll<IHostedService>();
        var app = builder.Build();
        app.UseServiceDefaults();
        var api = app.MapGroup("/api/v2").RequireAuthorization(Policies.Viewer);
        api.MapTriggers();
        api.MapTasks();
        return app;
    }
}
