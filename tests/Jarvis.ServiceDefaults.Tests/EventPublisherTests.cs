using System.Text;
using System.Threading.Channels;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Jarvis.ServiceDefaults.Tests;

/// <summary>Events on their way to a log that the test opens and shuts.</summary>
public sealed class EventPublisherTests : IEventLog, IAsyncDisposable
{
    private readonly Channel<EventDraft> _appended = Channel.CreateUnbounded<EventDraft>();
    private readonly EventPublisher _publisher;
    private volatile bool _down;
    private volatile bool _mute;
    private Task _hold = Task.CompletedTask;

    public EventPublisherTests() => _publisher = new(this, TimeProvider.System, NullLogger<EventPublisher>.Instance);

    public async ValueTask DisposeAsync()
    {
        await _publisher.StopAsync(CancellationToken.None);
        _publisher.Dispose();
    }

    [Fact]
    public async Task Event_HasTypeTimeCorrelationAndData()
    {
        await _publisher.StartAsync(CancellationToken.None);
        using (CorrelationId.Use("of-the-event"))
            _publisher.Publish("task", new { SomeName = 1 });
        var draft = await NextAsync();
        var logged = LoggedEvent.Parse(Encoding.UTF8.GetBytes($"2 1 {draft.Json}"))!;
        Assert.Equal(("task", "of-the-event", """{"some_name":1}"""), (logged.Type, logged.CorrelationId, logged.Data.GetRawText()));
        Assert.False(draft.Lost);
    }

    [Fact]
    public async Task Events_WhileRedisIsAway_WaitInOrder()
    {
        _down = true;
        await _publisher.StartAsync(CancellationToken.None);
        for (var n = 0; n < 5; n++)
            _publisher.Publish("task", n);
        _down = false;
        for (var n = 0; n < 5; n++)
            Assert.EndsWith($"\"data\":{n}}}", (await NextAsync()).Json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_WhoseArrivalIsNotKnown_IsSentAgainAsTheSame()
    {
        _mute = true;
        await _publisher.StartAsync(CancellationToken.None);
        _publisher.Publish("task", 1);
        _publisher.Publish("task", 2);
        var (first, again) = (await NextAsync(), await NextAsync());
        _mute = false;
        Assert.Equal(first, again);
        EventDraft next;
        do
            next = await NextAsync();
        while (next == first);
        Assert.Equal(first.OnceKey, next.OnceKey);
        Assert.NotEqual(first.OnceValue, next.OnceValue);
    }

    [Fact]
    public async Task Events_BeyondTheBuffer_MarkThatSomeAreLost_Once()
    {
        for (var n = 0; n < EventPublisher.Capacity + 2; n++)
            _publisher.Publish("task", n);
        await _publisher.StartAsync(CancellationToken.None);
        var (first, second) = (await NextAsync(), await NextAsync());
        Assert.EndsWith("\"data\":2}", first.Json, StringComparison.Ordinal);
        Assert.Equal((true, false), (first.Lost, second.Lost));
    }

    [Fact]
    public async Task Event_ThatIsTooLarge_IsNotSent()
    {
        _publisher.Publish("task", new string('x', EventPublisher.MaxBytes));
        _publisher.Publish("task", 1);
        await _publisher.StartAsync(CancellationToken.None);
        var draft = await NextAsync();
        Assert.EndsWith("\"data\":1}", draft.Json, StringComparison.Ordinal);
        Assert.True(draft.Lost);
    }

    [Fact]
    public async Task WhatSeveralReplicasTell_GoesByItsValue()
    {
        await _publisher.StartAsync(CancellationToken.None);
        _publisher.Publish("catalog", 1, once: "version");
        var draft = await NextAsync();
        Assert.Equal(("catalog", "version"), (draft.OnceKey, draft.OnceValue));
    }

    [Fact]
    public async Task Events_ThatWaitWhenTheProcessStops_StillGoOut()
    {
        var taken = new TaskCompletionSource();
        _hold = taken.Task;
        await _publisher.StartAsync(CancellationToken.None);
        _publisher.Publish("task", 1);
        await NextAsync();
        _publisher.Publish("task", 2);
        var stopping = _publisher.StopAsync(CancellationToken.None);
        taken.SetResult();
        await stopping;
        Assert.EndsWith("\"data\":2}", (await NextAsync()).Json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WithoutRedis_WaitsForItNoLongerThanThat()
    {
        _down = true;
        await _publisher.StartAsync(CancellationToken.None);
        _publisher.Publish("task", 1);
        await _publisher.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 2")]
    [InlineData("x 2 {\"a\":1}")]
    [InlineData("0 -1 {\"a\":1}")]
    [InlineData("3 2 [1]")]
    [InlineData("99999999999999999999 2 {\"a\":1}")]
    public void Entry_ThatIsNone_IsNull(string entry) => Assert.Null(LoggedEvent.Parse(Encoding.UTF8.GetBytes(entry)));

    [Theory]
    [InlineData("3 -1 {\"type\":\"task\"}", -1, "task")]
    [InlineData("3 2 {\"type\":7}", 2, "")]
    [InlineData("3 2 {nonsense}", 2, "")]
    public void Entry_IsReadAsFarAsItCanBe(string entry, long previous, string type)
    {
        var logged = LoggedEvent.Parse(Encoding.UTF8.GetBytes(entry))!;
        Assert.Equal((3, previous, type), (logged.Id, logged.Previous, logged.Type));
    }

    Task IEventLog.AppendAsync(EventDraft draft, CancellationToken cancellationToken)
    {
        if (_down)
            throw new TimeoutException();
        _appended.Writer.TryWrite(draft);
        return _mute ? Task.FromException(new TimeoutException()) : _hold.WaitAsync(cancellationToken);
    }

    Task<EventPage> IEventLog.ReadAsync(long after, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IEventLog.SubscribeAsync(Action<LoggedEvent> handler) => throw new NotSupportedException();

    Task IEventLog.WatchGapsAsync(Action missed, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task<EventDraft> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _appended.Reader.ReadAsync(limit.Token);
    }
}
