using Jarvis.Gateway.Services;

namespace Jarvis.Gateway.Tests.Services;

public sealed class RefreshedTests
{
    private readonly Clock _clock = new();
    private readonly List<TaskCompletionSource<string>> _makings = [];

    [Fact]
    public async Task ManyWhoAsk_CostOneMaking()
    {
        var value = Value();
        var asked = Enumerable.Range(0, 1_000).Select(_ => value.GetAsync(CancellationToken.None)).ToArray();
        (await MakingAsync(1)).SetResult("one");
        Assert.All(await Task.WhenAll(asked), one => Assert.Equal("one", one));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("one", await value.GetAsync(CancellationToken.None));
        Assert.Single(_makings);
    }

    [Fact]
    public async Task FirstWhoAsks_GoesAway_TheOthersStillGetIt()
    {
        var value = Value();
        using var gone = new CancellationTokenSource();
        var first = value.GetAsync(gone.Token);
        var second = value.GetAsync(CancellationToken.None);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        (await MakingAsync(1)).SetResult("one");
        Assert.Equal("one", await second);
    }

    [Fact]
    public async Task SlowMaking_GivesTheOldValueForAMoment_ButNoneThatIsTooOld()
    {
        var value = Value(patience: TimeSpan.Zero);
        var first = value.GetAsync(CancellationToken.None);
        (await MakingAsync(1)).SetResult("one");
        await first;
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("one", await value.GetAsync(CancellationToken.None));
        _clock.Advance(TimeSpan.FromSeconds(30));
        var late = value.GetAsync(CancellationToken.None);
        Assert.False(late.IsCompleted);
        (await MakingAsync(2)).SetResult("two");
        Assert.Equal("two", await late);
    }

    [Fact]
    public async Task FailedMaking_IsTriedAgain()
    {
        var value = Value();
        var first = value.GetAsync(CancellationToken.None);
        (await MakingAsync(1)).SetException(new InvalidDataException());
        await Assert.ThrowsAsync<InvalidDataException>(() => first);
        var second = value.GetAsync(CancellationToken.None);
        (await MakingAsync(2)).SetResult("two");
        Assert.Equal("two", await second);
    }

    private Refreshed<string> Value(TimeSpan? patience = null) => new(
        _ =>
        {
            var making = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_makings)
                _makings.Add(making);
            return making.Task;
        },
        TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), patience ?? TimeSpan.FromMinutes(1), _clock);

    private async Task<TaskCompletionSource<string>> MakingAsync(int number)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            lock (_makings)
            {
                if (_makings.Count >= number)
                    return _makings[number - 1];
            }
            await Task.Delay(1, limit.Token);
        }
    }
}
