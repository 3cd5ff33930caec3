using Jarvis.FunctionalTests.Stack;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Npgsql;

namespace Jarvis.FunctionalTests;

/// <summary>The statements of workers and of the look for lost ones, on a real server.</summary>
[Collection(StackCollection.Name)]
public sealed class TaskLeasesTests(JarvisStack jarvis) : IAsyncLifetime
{
    private static readonly TaskOutcome Succeeded = new(TaskState.Succeeded) { Result = "{\"done\":true}" };
    private WorkflowsDatabase _database = null!;

    public async Task InitializeAsync() => _database = await WorkflowsDatabase.CreateAsync(jarvis);

    public Task DisposeAsync() => _database.DisposeAsync().AsTask();

    [Fact]
    public async Task End_OfATaskThatWasGivenUp_IsKept_AndOnlyOnce()
    {
        var claim = await _database.ClaimedAsync();
        await _database.Held.SendingAsync(claim, CancellationToken.None);
        await LoseAsync();
        var lost = Assert.Single(await _database.Claims.ReapAsync(CancellationToken.None));
        Assert.Equal(TaskState.Unknown, lost.Status);
        Assert.Null(await _database.Held.RenewAsync(claim, CancellationToken.None));

        Assert.True(await _database.Held.FinishAsync(claim, Succeeded, CancellationToken.None));
        // Its confirmation may have been lost on the way.
        Assert.True(await _database.Held.FinishAsync(claim, Succeeded, CancellationToken.None));
        Assert.False(await _database.Held.FinishAsync(claim, new(TaskState.Cancelled), CancellationToken.None));
        var task = (await _database.Store.FindAsync(claim.Id, CancellationToken.None))!;
        Assert.Equal((TaskState.Succeeded, "{\"done\":true}"), (task.Status, task.Result?.Text));
        Assert.Equal(["queued", "claimed", "sending", "lease_lost", "succeeded"], (await _database.Store.EventsAsync(claim.Id, CancellationToken.None)).Select(line => line.Event));
    }

    [Fact]
    public async Task Requeue_OfARequestWhoseRefusalWasNotNoted_IsClaimedAgain()
    {
        var claim = await _database.ClaimedAsync();
        await _database.Held.SendingAsync(claim, CancellationToken.None);
        Assert.Equal(TaskState.Queued, await _database.Held.RequeueAsync(claim, TimeSpan.Zero, "the circuit of n8n is open", CancellationToken.None));
        Assert.Null(await _database.Held.RequeueAsync(claim, TimeSpan.Zero, "again", CancellationToken.None));
        Assert.Equal(claim.Id, Assert.Single(await _database.Claims.ClaimAsync(1, CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Requeue_OfATaskThatIsToBeCancelled_EndsIt()
    {
        var claim = await _database.ClaimedAsync();
        await _database.Held.SendingAsync(claim, CancellationToken.None);
        var by = WorkflowsDatabase.User();
        Assert.True(await _database.Store.CancelAsync(claim.Id, by, CancellationToken.None));
        Assert.Equal(TaskState.Cancelled, await _database.Held.RequeueAsync(claim, TimeSpan.Zero, "the worker was stopped", CancellationToken.None));
        var task = (await _database.Store.FindAsync(claim.Id, CancellationToken.None))!;
        Assert.Equal((TaskState.Cancelled, "Cancelled before it was sent."), (task.Status, task.Error));
        var events = await _database.Store.EventsAsync(claim.Id, CancellationToken.None);
        Assert.Equal(by, Assert.Single(events, line => line.Event == "cancel_requested").By);
        Assert.Equal(task.StartedBy, Assert.Single(events, line => line.Event == "queued").By);
        Assert.Null(Assert.Single(events, line => line.Event == "claimed").By);
    }

    [Fact]
    public async Task Renewal_WhileRequestsHaveAllConnections_GetsThrough()
    {
        var claim = await _database.ClaimedAsync();
        var taken = new List<NpgsqlConnection>();
        for (var n = 0; n < 5; n++)
            taken.Add(await _database.Source.OpenConnectionAsync());
        Assert.False(await _database.Held.RenewAsync(claim, CancellationToken.None));
        foreach (var connection in taken)
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task Renewals_TouchNoIndex()
    {
        const int Renewals = 20;
        var claim = await _database.ClaimedAsync();
        var before = await HotUpdatesAsync(1);
        for (var n = 0; n < Renewals; n++)
            Assert.False(await _database.Held.RenewAsync(claim, CancellationToken.None));
        Assert.Equal(Renewals, await HotUpdatesAsync(Renewals + 1) - before);
    }

    /// <summary>Once the server's statistics know of so many updates.</summary>
    private async Task<long> HotUpdatesAsync(long updates)
    {
        var counted = await Eventually.GetAsync($"{updates} updates are counted", TimeSpan.FromSeconds(30), async () =>
        {
            foreach (var source in (NpgsqlDataSource[])[_database.Source, _database.Leases.Source])
            {
                await using var flush = source.CreateCommand("SELECT pg_stat_force_next_flush()");
                await flush.ExecuteNonQueryAsync();
            }
            var row = await _database.SqlAsync<long[]>(
                "SELECT ARRAY[n_tup_upd, n_tup_hot_upd] FROM pg_stat_user_tables WHERE relid = 'workflows.task'::regclass");
            return row[0][0] >= updates ? row[0] : null;
        });
        return counted[1];
    }

    private async Task LoseAsync() => await _database.SqlAsync<int>("UPDATE workflows.task SET lease_until = now() - interval '1 minute' WHERE status = 'running' RETURNING 1");
}
