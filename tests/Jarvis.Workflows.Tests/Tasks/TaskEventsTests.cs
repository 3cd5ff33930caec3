using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Jarvis.Workflows.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.Workflows.Tests.Tasks;

/// <summary>The stream of a task whose history the test writes.</summary>
public sealed class TaskEventsTests : IAsyncLifetime, ITaskEventsStore, IEventLog
{
    private static readonly Guid Known = Guid.Parse("01890000-0000-7000-8000-000000000001");
    private readonly Lock _gate = new();
    private readonly List<NumberedTaskEvent> _history = [];
    private TaskCompletionSource<Action<LoggedEvent>> _subscribed = null!;
    private TaskState _status = TaskState.Queued;
    private WebApplication _app = null!;
    private HttpClient _client = null!;
    private Exception? _fault;
    private Caller? _caller;
    private TaskCaller? _startedBy;

    private Revoked Revoked => _app.Services.GetRequiredService<Revoked>();

    public Task InitializeAsync() => StartAsync();

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Stream_HasWhatWasAndWhatComes_AndEndsWithTheTask()
    {
        Happen(3, "queued", TaskState.Queued);
        using var response = await OpenAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("no", Assert.Single(response.Headers.GetValues("X-Accel-Buffering")));
        using var lines = await ReadAsync(response);
        Assert.Equal(["id: 3", """data: {"at":"1970-01-01T00:00:00Z","event":"queued","attempt":0,"detail":null}"""], await EventAsync(lines));
        Happen(5, "claimed", TaskState.Running);
        Assert.Equal("id: 5", (await EventAsync(lines))[0]);
        Happen(9, "failed", TaskState.Failed, "line one\nline two");
        Assert.Contains("line one\\nline two", (await EventAsync(lines))[1], StringComparison.Ordinal);
        Assert.Equal(["event: end", "id: 9", $$"""data: {"task_id":"{{Known}}","status":"failed"}"""], await EventAsync(lines));
        Assert.Null(await lines.ReadLineAsync());
    }

    [Fact]
    public async Task Change_SaidByAnyReplica_IsSentAtOnce()
    {
        await RestartAsync("--TaskEvents:PollMs=60000");
        Happen(1, "queued", TaskState.Queued);
        using var response = await OpenAsync();
        using var lines = await ReadAsync(response);
        await EventAsync(lines);
        Happen(2, "claimed", TaskState.Running);
        var hear = await _subscribed.Task;
        var next = EventAsync(lines);
        // The stream may be about to wait, and is woken then, too.
        hear(Said(Guid.Empty));
        hear(Said(Known));
        Assert.Equal("id: 2", (await next)[0]);
    }

    [Fact]
    public async Task LastEventId_GoesOnAfterIt()
    {
        Happen(1, "queued", TaskState.Queued);
        Happen(2, "claimed", TaskState.Running);
        Happen(3, "succeeded", TaskState.Succeeded);
        using var response = await OpenAsync("2");
        using var lines = await ReadAsync(response);
        Assert.Equal("id: 3", (await EventAsync(lines))[0]);
        Assert.Equal("event: end", (await EventAsync(lines))[0]);

        // Who has seen the end and comes again is told to stay away.
        using var again = await OpenAsync("3");
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
    }

    [Fact]
    public async Task LongHistory_IsSentWhole()
    {
        for (var id = 1; id <= (TaskStore.MaxEvents * 2) + 1; id++)
            Happen(id, "requeued", TaskState.Succeeded);
        using var response = await OpenAsync();
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal((TaskStore.MaxEvents * 2) + 1, text.Split("\"requeued\"").Length - 1);
        Assert.Contains("event: end", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_WithoutEvents_ShowsThatItLives_AlsoWhilePostgresIsAway()
    {
        await RestartAsync("--TaskEvents:PollMs=100", "--TaskEvents:KeepAliveSeconds=1");
        Happen(1, "queued", TaskState.Queued);
        using var response = await OpenAsync();
        using var lines = await ReadAsync(response);
        await EventAsync(lines);
        _fault = new TimeoutException();
        Assert.Equal(": alive", await lines.ReadLineAsync());
        _fault = null;
        Happen(2, "cancelled", TaskState.Cancelled);
        Assert.Equal("", await lines.ReadLineAsync());
        Assert.Equal("id: 2", (await EventAsync(lines))[0]);
    }

    [Theory]
    [InlineData("01890000-0000-7000-8000-000000000002")]
    [InlineData("nonsense")]
    public async Task UnknownTask_IsNotFound(string id)
    {
        using var response = await _client.GetAsync($"/api/v2/tasks/{id}/events");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("RESOURCE_NOT_FOUND", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error_code").GetString());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("99999999999999999999")]
    public async Task LastEventId_ThatIsNone_IsNamed(string last)
    {
        using var response = await OpenAsync(last);
        Assert.Equal(422, (int)response.StatusCode);
        Assert.True((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("Last-Event-ID", out _));
    }

    [Fact]
    public async Task Streams_OverTheLimit_AreToldToComeLater()
    {
        await RestartAsync("--TaskEvents:MaxStreams=1", "--TaskEvents:PollMs=100");
        Happen(1, "queued", TaskState.Queued);
        var first = await OpenAsync();
        using (var second = await OpenAsync())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.NotNull(second.Headers.RetryAfter);
        }
        // A client that goes leaves its place.
        first.Dispose();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            using var third = await OpenAsync();
            if (third.StatusCode == HttpStatusCode.OK)
                break;
            await Task.Delay(10, limit.Token);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SignOut_OfTheCaller_EndsTheStreamAtOnce(bool ofTheSession)
    {
        _caller = User(Role.Viewer);
        Happen(1, "queued", TaskState.Queued);
        using var response = await OpenAsync();
        using var lines = await ReadAsync(response);
        await EventAsync(lines);
        // Another one's end is not this one's.
        Revoked.Add(new(Guid.Parse("01890000-0000-7000-8000-00000000000a"), null, TimeProvider.System.GetUtcNow()));
        Happen(2, "claimed", TaskState.Running);
        Assert.Equal("id: 2", (await EventAsync(lines))[0]);
        Revoked.Add(new(ofTheSession ? null : _caller.AccountId, ofTheSession ? _caller.SessionId : null, TimeProvider.System.GetUtcNow()));
        Assert.Null(await lines.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Stream_OfACallerWhoseSessionEndedMeanwhile_HasNothing()
    {
        _caller = User(Role.Viewer);
        Happen(1, "queued", TaskState.Queued);
        Revoked.Add(new(null, _caller.SessionId, TimeProvider.System.GetUtcNow()));
        using var response = await OpenAsync();
        Assert.DoesNotContain("queued", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Role.Viewer, false, false)]
    [InlineData(Role.Viewer, true, true)]
    [InlineData(Role.Operator, false, true)]
    public async Task Details_AreForOperatorsAndForWhoStartedTheTask(Role role, bool own, bool seen)
    {
        _caller = User(role);
        _startedBy = new(CallerKind.User, own ? _caller.AccountId : Known);
        Happen(1, "failed", TaskState.Failed, "n8n says: secret of the payload");
        using var response = await OpenAsync();
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(seen, text.Contains("secret of the payload", StringComparison.Ordinal));
        Assert.Contains("\"failed\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_EndsTheStream()
    {
        Happen(1, "queued", TaskState.Queued);
        using var response = await OpenAsync();
        using var lines = await ReadAsync(response);
        await EventAsync(lines);
        var stopping = _app.StopAsync();
        Assert.Null(await lines.ReadLineAsync());
        await stopping;
    }

    Task<TaskProgress?> ITaskEventsStore.AfterAsync(Guid task, long after, CancellationToken cancellationToken)
    {
        if (_fault is not null)
            throw _fault;
        lock (_gate)
            return Task.FromResult(task == Known ? new TaskProgress(_status, [.. _history.Where(line => line.Id > after).Take(TaskStore.MaxEvents)], _startedBy) : null);
    }

    Task IEventLog.AppendAsync(EventDraft draft, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<EventPage> IEventLog.ReadAsync(long after, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IEventLog.SubscribeAsync(Action<LoggedEvent> handler)
    {
        _subscribed.TrySetResult(handler);
        return Task.CompletedTask;
    }

    Task IEventLog.WatchGapsAsync(Action missed, CancellationToken cancellationToken) => throw new NotSupportedException();

    private static Caller User(Role role) => new(
        CallerKind.User, Guid.Parse("01890000-0000-7000-8000-00000000000b"), Guid.Parse("01890000-0000-7000-8000-00000000000c"), role, [],
        TimeProvider.System.GetUtcNow(), DateTimeOffset.MaxValue);

    private static LoggedEvent Said(Guid task) =>
        LoggedEvent.Parse(Encoding.UTF8.GetBytes($$$"""2 1 {"type":"task","timestamp":"1970-01-01T00:00:00Z","data":{"task_id":"{{{task}}}"}}"""))!;

    private void Happen(long id, string what, TaskState status, string? detail = null)
    {
        lock (_gate)
        {
            _history.Add(new(id, new(DateTimeOffset.UnixEpoch, what, 0, detail)));
            _status = status;
        }
    }

    private Task<HttpResponseMessage> OpenAsync(string? last = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v2/tasks/{Known}/events");
        if (last is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<StreamReader> ReadAsync(HttpResponseMessage response)
    {
        var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal(": open", await lines.ReadLineAsync());
        Assert.Equal("", await lines.ReadLineAsync());
        return lines;
    }

    private static async Task<IReadOnlyList<string>> EventAsync(StreamReader lines)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var read = new List<string>();
        while (await lines.ReadLineAsync(limit.Token) is { Length: > 0 } line)
        {
            if (line[0] != ':')
                read.Add(line);
            else
                await lines.ReadLineAsync(limit.Token);
        }
        return read;
    }

    private async Task RestartAsync(params string[] settings)
    {
        await DisposeAsync();
        await StartAsync(settings);
    }

    private async Task StartAsync(params string[] settings)
    {
        _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateBuilder(["--applicationName", "Jarvis.Workflows", "--urls", "http://127.0.0.1:0", "--TaskEvents:PollMs=100", $"--Security:ServiceKey={Key}", .. settings]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddTaskEvents();
        builder.Services.AddSingleton<ITaskEventsStore>(this);
        builder.Services.AddSingleton<IEventLog>(this);
        builder.Services.AddAuthorization(options => options.AddPolicy(Policies.Viewer, policy => policy.RequireAssertion(_ => true)));
        _app = builder.Build();
        _app.UseServiceDefaults();
        _app.Use((context, next) =>
        {
            if (_caller is { } caller)
                context.User = new(new CallerIdentity(caller));
            return next(context);
        });
        _app.UseAuthorization();
        _app.MapGroup("/api/v2/tasks").MapTaskEvents();
        await _app.StartAsync();
        _client = ClientOf(_app);
    }

    private const string Key = "key-of-a-test";

    private static HttpClient ClientOf(WebApplication app) =>
        new()
        {
            BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
            DefaultRequestHeaders = { { ServiceKey.Header, Key } },
        };
}
