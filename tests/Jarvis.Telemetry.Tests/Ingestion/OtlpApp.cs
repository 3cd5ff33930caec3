using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Ingestion;
using Jarvis.Telemetry.Quotas;
using Jarvis.Telemetry.Retention;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Jarvis.Telemetry.Tests.Ingestion;

/// <summary>The OTLP endpoint as the service has it, with a sink that the test holds in place of Postgres.</summary>
internal sealed class OtlpApp : IAsyncDisposable
{
    public const string Key = "key-of-a-test";

    private readonly WebApplication _app;

    private OtlpApp(WebApplication app, FakeSink sink)
    {
        _app = app;
        Sink = sink;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), DefaultRequestHeaders = { { ServiceKey.Header, Key } } };
    }

    public FakeSink Sink { get; }

    public SpanWriter Writer => _app.Services.GetRequiredService<SpanWriter>();

    public HttpClient Client { get; }

    public static async Task<OtlpApp> StartAsync(params (string Key, string Value)[] settings)
    {
        var sink = new FakeSink();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = typeof(OtlpApi).Assembly.GetName().Name });
        builder.Configuration["Security:ServiceKey"] = Key;
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        // Services, as which the tests ask, have no quota to look up.
        builder.Services.AddSingleton(NpgsqlDataSource.Create("Host=127.0.0.1;Port=1"));
        builder.AddQuotas();
        builder.AddIngestion();
        builder.Services.AddOptions<RetentionOptions>();
        builder.Services.AddSingleton<RetentionWindow>();
        builder.Services.AddSingleton<ISpanSink>(sink);
        var app = builder.Build();
        app.UseServiceDefaults(beforeBody: static body => body.UseMiddleware<UploadSlots>());
        app.MapIngestion();
        await app.StartAsync();
        return new OtlpApp(app, sink);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
