using Jarvis.Workflows.Worker;

namespace Jarvis.Workflows.Tests.Worker;

public sealed class RunningTasksTests
{
    [Fact]
    public void Remove_OfAnOlderRun_LeavesTheNewerOneToBeCancelled()
    {
        using var running = new RunningTasks();
        using var older = new CancellationTokenSource();
        using var newer = new CancellationTokenSource();
        var id = Guid.Parse("01900000-0000-7000-8000-000000000001");
        running.Add(id, older);
        running.Add(id, newer);
        running.Remove(id, older);
        running.Cancel(id);
        Assert.Equal((1, false, true), (running.Count, older.IsCancellationRequested, newer.IsCancellationRequested));
    }

    [Fact]
    public async Task Wake_ManyTimes_IsOneSignal()
    {
        using var running = new RunningTasks();
        running.Wake();
        running.Wake();
        await running.WaitAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
        using var none = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(5), none.Token));
    }
}
