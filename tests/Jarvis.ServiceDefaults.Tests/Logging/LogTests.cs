using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Tests.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Tests.Logging;

[Collection(TracingCollection.Name)]
public sealed partial class LogTests
{
    // What an orchestrator sets for every process that it starts.
    private const string Orchestrator = "--Logging:Console:FormatterName=simple";

    [Theory]
    [InlineData(null, "jarvis-json")]
    [InlineData("json", "jarvis-json")]
    [InlineData("simple", "simple")]
    public async Task Format_UnderAnOrchestrator_IsJsonUnlessJarvisOwnKeySaysOtherwise(string? given, string formatter)
    {
        await using var app = Build(given is null ? [Orchestrator] : [Orchestrator, $"--Logging:Format={given}"]);
        Assert.Equal(formatter, app.Services.GetRequiredService<IOptionsMonitor<ConsoleLoggerOptions>>().CurrentValue.FormatterName);
    }

    [Fact]
    public void Format_Unknown_StopsTheStart()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Build(["--Logging:Format=xml"]));
        Assert.Contains("Logging:Format must be 'json' or 'simple'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_OfARequest_HasItsTraceAndCorrelationId()
    {
        await using var app = Build([]);
        using var activity = new Activity("work").Start();
        using var correlation = CorrelationId.Use("demo-0005");
        var formatter = app.Services.GetServices<ConsoleFormatter>().Single(formatter => formatter.Name == "jarvis-json");
        var line = new StringWriter();
        formatter.Write(new LogEntry<string>(LogLevel.Warning, "Jarvis.Part", 7, "it happened", null, (state, _) => state), scopeProvider: null, line);

        var json = JsonDocument.Parse(line.ToString()).RootElement;
        Assert.Equal(("demo-0005", activity.TraceId.ToHexString()), (json.GetProperty("correlation_id").GetString(), json.GetProperty("trace_id").GetString()));
    }

    [Fact]
    public async Task RedisClient_SaysNothingBelowAWarning()
    {
        await using var app = Build([]);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("StackExchange.Redis.ConnectionMultiplexer");
        Assert.Equal((false, true), (log.IsEnabled(LogLevel.Information), log.IsEnabled(LogLevel.Warning)));
    }

    [Fact]
    public async Task Logs_OfARequest_AreExportedWithItsCorrelationId()
    {
        await using var collector = await Collector.StartAsync();
        await using (var app = Build([$"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"]))
        {
            using var correlation = CorrelationId.Use("demo-0006");
            var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Jarvis.Part");
            using (log.BeginScope(new Dictionary<string, object>(StringComparer.Ordinal) { ["scope"] = "scope-0007" }))
                LogHappened(log, "name-0008");
        }

        var sent = await collector.Logs.Task.WaitAsync(TimeSpan.FromSeconds(30));
        foreach (var text in (string[])["it happened to name-0008", "correlation.id", "demo-0006", "Jarvis.Part"])
            Assert.Contains(text, sent, StringComparison.Ordinal);
        // What scopes hold is nobody's to look through for secrets.
        Assert.DoesNotContain("scope-0007", sent, StringComparison.Ordinal);
    }

    private static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        return builder.Build();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "it happened to {Name}")]
    private static partial void LogHappened(ILogger log, string name);

    /// <summary>Takes what is exported by OTLP over HTTP.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Collector(WebApplication app) => _app = app;

        public TaskCompletionSource<string> Logs { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var collector = new Collector(builder.Build());
            collector._app.MapPost("/v1/{signal}", collector.TakeAsync);
            await collector._app.StartAsync();
            return collector;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task TakeAsync(string signal, HttpRequest request)
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            if (signal == "logs")
                Logs.TrySetResult(Encoding.UTF8.GetString(body.ToArray()));
        }
    }
}
