using Aspire.Hosting.ApplicationModel;
using Jarvis.AppHost.Running;

namespace Jarvis.AppHost.Tests;

public sealed class SupervisorTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Process_ThatEndsWhileItRuns_Died() => Assert.True(After(KnownResourceStates.Running).Died(KnownResourceStates.Finished, Noon));

    [Fact]
    public void Process_ThatWasToldToStop_DidNotDie() =>
        Assert.False(After(KnownResourceStates.Running, KnownResourceStates.Stopping).Died(KnownResourceStates.Exited, Noon));

    [Fact]
    public void Process_ThatNeverRan_DidNotDie() => Assert.False(After(KnownResourceStates.Starting).Died(KnownResourceStates.Finished, Noon));

    [Fact]
    public void Process_ThatEndedOnce_DiesOnlyOnce() =>
        Assert.False(After(KnownResourceStates.Running, KnownResourceStates.Finished).Died(KnownResourceStates.Exited, Noon));

    [Fact]
    public void Wait_WhileItKeepsDying_DoublesUpToThirtySeconds()
    {
        var watched = new Supervisor.Watched();
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 7).Select(_ => watched.NextWait().TotalSeconds));
    }

    [Fact]
    public void Wait_AfterAMinuteOfRunning_StartsAnew()
    {
        var watched = After(KnownResourceStates.Running);
        watched.NextWait();
        watched.NextWait();
        Assert.True(watched.Died(KnownResourceStates.Finished, Noon.AddMinutes(2)));
        Assert.Equal(1, watched.NextWait().TotalSeconds);
    }

    private static Supervisor.Watched After(params string[] states)
    {
        var watched = new Supervisor.Watched();
        foreach (var state in states)
            watched.Died(state, Noon);
        return watched;
    }
}
