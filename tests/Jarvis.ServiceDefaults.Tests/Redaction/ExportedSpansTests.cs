using System.Diagnostics;
using Jarvis.ServiceDefaults.Logging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace Jarvis.ServiceDefaults.Tests.Redaction;

/// <summary>A service as Aspire starts it, with everything recorded, and what it exports and logs of requests that have secrets in their address.</summary>
public sealed class ExportedSpansTests : IAsyncLifetime, IAsyncDisposable
{
    private const string LogPath = "/log";

    private readonly SpanKeeper _spans = new();
    private readonly LineKeeper _lines = new();
    private readonly RecordKeeper _records = new();
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(
            [
                "--OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION=true", "--OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION=true",
                "--OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true",
            ]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders().AddProvider(_lines).SetMinimumLevel(LogLevel.Trace).AddFilter("Microsoft.AspNetCore", LogLevel.Trace);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.AddProcessor(_records);
        });
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddProcessor(_spans));
        _app = builder.Build();
        _app.UseServiceDefaults();
        _app.MapGet("/here", () => "").AllowAnonymous();
        _app.MapGet("/away", async (string target, IHttpClientFactory clients) => await clients.CreateClient().GetStringAsync(new Uri(target))).AllowAnonymous();
        _app.MapGet(LogPath, (HttpRequest request, ILoggerFactory loggers) =>
        {
            var logger = loggers.CreateLogger("Test");
#pragma warning disable CA1848, CA2254, CA1873
            logger.LogWarning(new InvalidOperationException($"failed at {request.QueryString}"), "Asked for {Address} with {ApiKey}", request.Path + request.QueryString, Secrets.ApiKey);
            loggers.CreateLogger(OperatorLog.Category).LogInformation("Set a new password: http://jarvis/reset-password#token={Token}", Secrets.Ticket);
#pragma warning restore CA1848, CA2254, CA1873
        }).AllowAnonymous();
        await _app.StartAsync();
        // From outside: this process' own client would say that its trace is not recorded.
        _client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = new Uri(_app.Urls.First()) };
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        _spans.Dispose();
        _records.Dispose();
        _lines.Dispose();
    }

    /// <summary>Spans of other tests' servers, in the same process, come along.</summary>
    private bool IsOwn(Activity span) =>
        span.Kind == ActivityKind.Server && $"{span.GetTagItem("server.port")}" == $"{_client.BaseAddress!.Port}";

    [Fact]
    public async Task Span_OfARequest_SaysOnlyWhatMayBeRecorded()
    {
        await _client.GetStringAsync($"/here?limit=5&token={Secrets.ApiKey}&q=words&{Secrets.Ticket}");
        var span = await _spans.FirstAsync(IsOwn);
        Assert.Equal("?limit=5&token=REDACTED&q=REDACTED&REDACTED", span.GetTagItem("url.query"));
    }

    [Fact]
    public async Task Span_OfASecretInThePath_HidesIt()
    {
        using var response = await _client.GetAsync($"/here/{Secrets.ApiKey}/and/{Secrets.Ticket}");
        var span = await _spans.FirstAsync(IsOwn);
        Assert.Equal("/here/REDACTED/and/REDACTED", span.GetTagItem("url.path"));
    }

    [Fact]
    public async Task Span_OfACall_SaysOnlyWhatMayBeRecorded()
    {
        var target = new UriBuilder(_client.BaseAddress!) { Path = "/here", Query = $"offset=3&ticket={Secrets.Ticket}", UserName = "ada", Password = Secrets.Password }.Uri.AbsoluteUri;
        await _client.GetStringAsync($"/away?target={Uri.EscapeDataString(target)}");
        var span = await _spans.FirstAsync(span => span.Kind == ActivityKind.Client && span.GetTagItem("url.full") is string url && url.Contains("/here", StringComparison.Ordinal)
            && Equals(span.GetTagItem("url.full"), $"http://REDACTED@{_client.BaseAddress!.Authority}/here?offset=3&ticket=REDACTED"));
        Assert.NotNull(span);
    }

    [Fact]
    public async Task Span_WithSecretsOfALibrary_LosesThem()
    {
        using (var source = new ActivitySource("Jarvis.Redaction.Test"))
        using (var activity = source.StartActivity($"call {Secrets.Jwt}")!)
        {
            activity.SetTag("http.request.header.cookie", new[] { "a=b" }).SetTag("gen_ai.input.messages", "say hello").SetTag("password", "x").SetTag("tries", 3);
            activity.AddException(new InvalidOperationException($"no such key: {Secrets.ApiKey}"));
            activity.AddEvent(new("said", tags: new() { ["prompt.token"] = "abc", ["gen_ai.prompt"] = "say hello" }));
            activity.SetStatus(ActivityStatusCode.Error, $"Password={Secrets.Password}");
        }
        var span = await _spans.FirstAsync(span => span.Source.Name == "Jarvis.Redaction.Test");
        Assert.Equal(("call REDACTED", "Password=REDACTED", 3), (span.DisplayName, span.StatusDescription, span.GetTagItem("tries")));
        Assert.Equal(["REDACTED"], (string[])span.GetTagItem("http.request.header.cookie")!);
        Assert.All((string[])["gen_ai.input.messages", "password"], key => Assert.Equal("REDACTED", span.GetTagItem(key)));
        Assert.Equal(2, span.Events.Count());
        Assert.All(span.Events.SelectMany(happened => happened.Tags), tag => Assert.DoesNotContain(Secrets.ApiKey, $"{tag.Value}", StringComparison.Ordinal));
        Assert.Equal(["REDACTED", "REDACTED"], span.Events.Last().Tags.Select(tag => tag.Value));
    }

    [Fact]
    public async Task Log_AtEveryLevel_HasNoSecret()
    {
        await _client.GetStringAsync($"{LogPath}?token={Secrets.Password}&limit=1");
        await _app.StopAsync();
        Assert.Contains(_lines.All, line => line.Contains("?token=REDACTED&limit=1", StringComparison.Ordinal));
        Assert.Contains(_lines.All, line => line.Contains("Request starting", StringComparison.Ordinal));
        Assert.All(_lines.All, line => Assert.DoesNotContain(Secrets.Password, line, StringComparison.Ordinal));
        Assert.All(_lines.All, line => Assert.DoesNotContain(Secrets.ApiKey, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_ForTheOperator_IsWholeAndGoesToNoCollector()
    {
        await _client.GetStringAsync(LogPath);
        await _app.StopAsync();
        Assert.Contains(_lines.All, line => line.Contains($"/reset-password#token={Secrets.Ticket}", StringComparison.Ordinal));
        Assert.Contains(_records.All, record => record.Category == "Test");
        Assert.DoesNotContain(_records.All, record => record.Category == OperatorLog.Category);
        Assert.All(_records.All, record => Assert.DoesNotContain(Secrets.ApiKey, record.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Environment_ThatRecordsEverything_IsTakenBack()
    {
        Assert.Equal("false", _app.Configuration["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"]);
        Assert.Equal("false", _app.Configuration["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"]);
        Assert.Equal("false", Environment.GetEnvironmentVariable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"));
    }
}
