using Jarvis.FunctionalTests.Stack;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Retention;
using Jarvis.Workflows.Tasks;
using Jarvis.Workflows.Triggers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.FunctionalTests;

/// <summary>Whose a task is, what an account may keep, and what lists and pruning read, on a real server.</summary>
[Collection(StackCollection.Name)]
public sealed class TaskStoreTests(JarvisStack jarvis) : IAsyncLifetime
{
    private WorkflowsDatabase _database = null!;

    public async Task InitializeAsync() => _database = await WorkflowsDatabase.CreateAsync(jarvis);

    public Task DisposeAsync() => _database.DisposeAsync().AsTask();

    [Fact]
    public async Task Key_OfTwoAccounts_IsTwoKeys()
    {
        var (one, other) = (WorkflowsDatabase.User(), WorkflowsDatabase.User());
        var (first, second) = (WorkflowsDatabase.Task(one, "nightly"), WorkflowsDatabase.Task(other, "nightly", hash: 2));
        Assert.True(await AddAsync(first));
        Assert.True(await AddAsync(second));
        Assert.False(await AddAsync(WorkflowsDatabase.Task(one, "nightly")));
        Assert.Equal((first.Id, true), await FindAsync(one, "nightly", 1));
        // A program of the account with an API key is the account, too.
        Assert.Equal((first.Id, false), await FindAsync(one with { Kind = CallerKind.ApiKey }, "nightly", 2));
        Assert.Equal((second.Id, true), await FindAsync(other, "nightly", 2));
        Assert.Null(await FindAsync(WorkflowsDatabase.User(), "nightly", 1));
    }

    [Fact]
    public async Task Key_FromBeforeAccountsWereKept_AnswersTheSameRequestOnly()
    {
        var (caller, old) = (WorkflowsDatabase.User(), WorkflowsDatabase.Task(WorkflowsDatabase.User(), "nightly"));
        await AddAsync(old);
        await _database.SqlAsync<int>("UPDATE workflows.task SET account_id = NULL, caller_kind = NULL RETURNING 1");
        Assert.Equal((old.Id, true), await FindAsync(caller, "nightly", 1));
        Assert.Null(await FindAsync(caller, "nightly", 2));
    }

    [Fact]
    public async Task Account_WithAsManyTasksAsItMayKeep_WaitsUntilSomeArePruned()
    {
        var caller = WorkflowsDatabase.User();
        for (var n = 0; n < WorkflowsDatabase.MaxTasks; n++)
            Assert.True(await AddAsync(WorkflowsDatabase.Task(caller)));
        Assert.False(await AddAsync(WorkflowsDatabase.Task(caller)));
        Assert.True(await AddAsync(WorkflowsDatabase.Task(WorkflowsDatabase.User())));
        for (var n = 0; n < WorkflowsDatabase.MaxTasks + 1; n++)
            Assert.True(await AddAsync(WorkflowsDatabase.Task(new(CallerKind.Service, null))));

        var claim = Assert.Single(await _database.Claims.ClaimAsync(1, CancellationToken.None));
        Assert.True(await _database.Held.FinishAsync(claim, new(TaskState.Succeeded) { Result = "\"four\"" }, CancellationToken.None));
        Assert.Equal([(WorkflowsDatabase.MaxTasks * 2L) + 6], await UsageAsync(caller, "bytes"));
        Assert.Equal([1L], await _database.SqlAsync<long>(TaskPruner.Sql, Batch(TimeSpan.FromDays(-1), 100)));
        Assert.Equal([WorkflowsDatabase.MaxTasks - 1L], await UsageAsync(caller, "tasks"));
        Assert.Equal([(WorkflowsDatabase.MaxTasks - 1) * 2L], await UsageAsync(caller, "bytes"));
        Assert.True(await AddAsync(WorkflowsDatabase.Task(caller)));
    }

    [Fact]
    public async Task Trigger_OfAnAccountWithoutRoom_IsToldWhenToComeAgain_AndARepeatGetsItsTask()
    {
        var caller = WorkflowsDatabase.User();
        var news = new TaskNews(new EventPublisher(null!, TimeProvider.System, NullLogger<EventPublisher>.Instance));
        using var http = new HttpClient();
        var triggers = new TriggerService(
            _database.Store, new CatalogClient(http), news, Options.Create(new N8nOptions { BaseUrl = "http://127.0.0.1:1" }), Options.Create(new TaskQuotaOptions()),
            Options.Create(new RetentionOptions()), TimeProvider.System);
        var request = new TriggerRequest(null, "orders", null, "{}");
        var (first, _) = await triggers.AcceptAsync(request, "first", caller, CancellationToken.None);
        for (var n = 1; n < WorkflowsDatabase.MaxTasks; n++)
            await triggers.AcceptAsync(request, null, caller, CancellationToken.None);

        foreach (var key in (string?[])[null, "another"])
        {
            var refused = await Assert.ThrowsAsync<FailureException>(() => triggers.AcceptAsync(request, key, caller, CancellationToken.None));
            Assert.Equal((429, ErrorCode.RateLimited), (refused.Failure.Status, refused.Failure.Code));
            Assert.NotNull(refused.Failure.RetryAfter);
        }
        Assert.Equal((first, true), await triggers.AcceptAsync(request, "first", caller, CancellationToken.None));
    }

    [Theory]
    [InlineData(null, null, null, "task_recent_of_all")]
    [InlineData("unknown", null, null, "task_recent_by_status")]
    [InlineData(null, "req-000777", null, "task_recent_by_correlation")]
    [InlineData("succeeded", null, null, "task_recent_by_status")]
    [InlineData("succeeded", null, "wf-1", "task_recent_by_workflow")]
    [InlineData(null, null, "wf-1", "task_recent_by_workflow ")]
    [InlineData(null, null, "wf-none", "task_recent_by_workflow")]
    [InlineData(null, null, "wf-rare", "task_recent_by_workflow")]
    [InlineData("unknown", null, "wf-1", "task_recent_by_workflow_and_status")]
    [InlineData("unknown", "req-000777", null, "task_recent_by_correlation")]
    [InlineData(null, "req-000777", "wf-1", "task_recent_by_correlation")]
    [InlineData("unknown", "req-000777", "wf-1", "task_recent_by_correlation")]
    public async Task List_WithAnyFilter_ReadsItsIndexAndNoMore(string? status, string? correlation, string? workflow, string index)
    {
        await FillAsync();
        foreach (var after in (TaskCursor?[])[null, new(TimeProvider.System.GetUtcNow(), WorkflowsDatabase.NewId())])
        {
            var (sql, parameters) = TaskList.Recent(new(status, correlation, workflow), after, 51);
            var plan = await _database.ExplainAsync(sql, parameters);
            AssertReads(plan, index);
        }
    }

    [Fact]
    public async Task Active_AndPruning_ReadTheirIndexes()
    {
        await FillAsync();
        var active = await _database.ExplainAsync(TaskList.Active, [new() { Value = 51 }]);
        AssertReads(active, "task_active");
        var pruning = await _database.ExplainAsync(TaskPruner.Sql, Batch(TimeSpan.FromDays(29), 100));
        AssertReads(pruning, "task_ended");
        AssertReads(pruning, "task_pkey");
    }

    private static void AssertReads(string plan, string index)
    {
        Assert.True(plan.Contains($" {index}", StringComparison.Ordinal), $"{index} is not used: {plan}");
        Assert.True(!plan.Contains("Seq Scan on task", StringComparison.Ordinal), plan);
        foreach (var line in plan.Split('\n').Where(line => line.Contains("Rows Removed by Filter", StringComparison.Ordinal)))
            Assert.True(int.Parse(line.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture) <= 10, plan);
    }

    private static NpgsqlParameter[] Batch(TimeSpan age, int rows) => [new() { Value = age }, new() { Value = rows }];

    private Task<bool> AddAsync(NewTask task) => _database.Store.AddAsync(task, CancellationToken.None);

    private Task<(Guid Id, bool SameRequest)?> FindAsync(TaskCaller caller, string key, byte hash) =>
        _database.Store.FindByKeyAsync(caller, "workflow.trigger", key, [hash], CancellationToken.None);

    private Task<IReadOnlyList<long>> UsageAsync(TaskCaller caller, string column) =>
        _database.SqlAsync<long>($"SELECT {column} FROM workflows.account_usage WHERE account_id = $1", [new() { Value = caller.AccountId }]);

    /// <summary>A month of tasks: nearly all succeeded, of nine workflows; one in a thousand is unknown, and a few are of a rare workflow.</summary>
    private async Task FillAsync()
    {
        await _database.SqlAsync<int>(
            """
            INSERT INTO workflows.task (id, kind, status, workflow_id, workflow_name, webhook_method, webhook_path, payload, request_hash, correlation_id, created_at, finished_at)
            SELECT gen_random_uuid(), 'workflow.trigger', CASE WHEN n % 1000 = 500 THEN 'unknown' ELSE 'succeeded' END,
                CASE WHEN n % 5000 = 1 THEN 'wf-rare' ELSE 'wf-' || n % 9 END, 'Orders', 'POST', 'orders', '{}', '\x01',
                'req-' || lpad((n / 3)::text, 6, '0'), now() - n * interval '1 minute', now() - n * interval '1 minute'
            FROM generate_series(1, 43200) n
            """);
        await _database.SqlAsync<int>("ANALYZE workflows.task, workflows.account_usage, workflows.task_event");
    }
}
