using Jarvis.Workflows.Tasks;
using Jarvis.Workflows.Tests.N8n;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Jarvis.Workflows.Tests.Worker;

/// <summary>What becomes of a run when its lease, Postgres or the process goes.</summary>
public sealed class TaskRunnerTests
{
    private static readonly string[] OneTry = ["--N8n:MaxRetries=0"];
    private static readonly string[] LongWait = ["--N8n:BaseDelayMs=30000"];

    [Fact]
    public async Task Lease_LostWhileTheRequestIsOut_CancelsNothingAndTheResultIsKept()
    {
        var (arrived, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var n8n = await FakeN8n.StartAsync(Gate(arrived, answer));
        await using var rig = new WorkerRig(n8n.Address);
        rig.Leases.Renew = _ => Task.FromResult<bool?>(null);
        var run = await rig.StartAsync();
        await arrived.Task;
        await rig.RenewedAsync();
        answer.SetResult();
        await run;
        Assert.Equal(TaskState.Succeeded, Assert.Single(rig.Leases.Outcomes).State);
    }

    [Fact]
    public async Task Lease_LostAfterTheRequestWasTurnedAway_RecordsThatNothingRan()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (503, "{}"));
        await using var rig = new WorkerRig(n8n.Address, LongWait);
        rig.Leases.Renew = _ => Task.FromResult<bool?>(null);
        await await rig.StartAsync();
        var outcome = Assert.Single(rig.Leases.Outcomes);
        Assert.Equal((TaskState.Failed, "INTEGRATION_ERROR"), (outcome.State, outcome.ErrorCode));
        Assert.Contains("Nothing was run", outcome.Error, StringComparison.Ordinal);
        Assert.Single(n8n.Requests);
    }

    [Fact]
    public async Task Lease_LostBeforeAnythingLeft_LeavesTheTaskToItsNewWorker()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (200, "{}"));
        await using var rig = new WorkerRig(n8n.Address);
        rig.Leases.MaySend = false;
        rig.Leases.Renew = _ => Task.FromResult<bool?>(null);
        await await rig.StartAsync();
        Assert.Empty(rig.Leases.Outcomes);
        Assert.Empty(rig.Leases.Requeued);
        Assert.Empty(n8n.Requests);
    }

    [Fact]
    public async Task Cancellation_HeardAtARenewal_EndsTheRunAsCancelled()
    {
        await using var n8n = await FakeN8n.StartAsync(Gate(new(), new()));
        await using var rig = new WorkerRig(n8n.Address);
        rig.Leases.Renew = _ => Task.FromResult<bool?>(true);
        await await rig.StartAsync();
        Assert.Equal(TaskState.Cancelled, Assert.Single(rig.Leases.Outcomes).State);
    }

    [Fact]
    public async Task Refusal_ThatPostgresDidNotTake_GoesBackToTheQueueAllTheSame()
    {
        var refused = new TaskCompletionSource();
        await using var n8n = await FakeN8n.StartAsync(_ => (503, "{}"));
        await using var rig = new WorkerRig(n8n.Address, LongWait);
        rig.Leases.NotDone = _ =>
        {
            refused.SetResult();
            throw new NpgsqlException("The connection broke.");
        };
        var tries = 0;
        rig.Leases.Requeue = () => ++tries == 1 ? throw new TimeoutException() : TaskState.Queued;
        var run = await rig.StartAsync();
        await refused.Task;
        await rig.Abort.CancelAsync();
        await run;
        Assert.Equal(2, tries);
        Assert.Equal("the worker was stopped", Assert.Single(rig.Leases.Requeued));
        Assert.Empty(rig.Leases.Outcomes);
        Assert.Contains("\"running\"", await rig.NewsAsync(), StringComparison.Ordinal);
        Assert.Contains("\"queued\"", await rig.NewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requeue_OfATaskThatSomebodyCancelled_TellsThatItIsCancelled()
    {
        var news = await NewsOfARequeueAsync(TaskState.Cancelled);
        Assert.Contains("\"cancelled\"", news, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requeue_OfATaskThatIsLost_TellsNothing()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (503, "{}"));
        await using var rig = new WorkerRig(n8n.Address, LongWait);
        rig.Leases.NotDone = _ => rig.Abort.CancelAsync();
        rig.Leases.Requeue = () => null;
        await await rig.StartAsync();
        await rig.StopTellingAsync();
        Assert.Contains("\"running\"", await rig.NewsAsync(), StringComparison.Ordinal);
        Assert.False(rig.HasNews);
    }

    [Fact]
    public async Task Stop_WhileTheRequestIsOut_IsWrittenDownAsUnknown()
    {
        var arrived = new TaskCompletionSource();
        await using var n8n = await FakeN8n.StartAsync(Gate(arrived, new()));
        await using var rig = new WorkerRig(n8n.Address, OneTry);
        var run = await rig.StartAsync();
        await arrived.Task;
        await rig.Abort.CancelAsync();
        await run;
        var outcome = Assert.Single(rig.Leases.Outcomes);
        Assert.Equal(TaskState.Unknown, outcome.State);
        Assert.Contains("Jarvis was stopped", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renewal_ThatHangs_IsGivenUpWellBeforeTheLeaseEndsAndTriedAgain()
    {
        var answer = new TaskCompletionSource();
        await using var n8n = await FakeN8n.StartAsync(Gate(new(), answer));
        await using var rig = new WorkerRig(n8n.Address);
        rig.Leases.Renew = async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return null;
        };
        var run = await rig.StartAsync();
        await rig.RenewedAsync();
        rig.Leases.Renew = _ => Task.FromResult<bool?>(false);
        await rig.RenewedAsync();
        answer.SetResult();
        await run;
        Assert.Equal(TaskState.Succeeded, Assert.Single(rig.Leases.Outcomes).State);
    }

    private static async Task<string> NewsOfARequeueAsync(TaskState found)
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (503, "{}"));
        await using var rig = new WorkerRig(n8n.Address, LongWait);
        rig.Leases.NotDone = _ => rig.Abort.CancelAsync();
        rig.Leases.Requeue = () => found;
        await await rig.StartAsync();
        await rig.NewsAsync();
        return await rig.NewsAsync();
    }

    private static RequestDelegate Gate(TaskCompletionSource arrived, TaskCompletionSource answer) => async context =>
    {
        arrived.TrySetResult();
        await answer.Task.WaitAsync(context.RequestAborted);
        await context.Response.WriteAsync("{\"done\":true}", context.RequestAborted);
    };
}
