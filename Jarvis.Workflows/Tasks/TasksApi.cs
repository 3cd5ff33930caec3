using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Workflows.Tasks;

public sealed record TaskPage(IReadOnlyList<TaskSummary> Tasks, CursorPagination Pagination);

/// <summary>What runs or waits to run, oldest first.</summary>
/// <param name="Workflows">The tasks.</param>
/// <param name="HasMore">There are more than are listed.</param>
public sealed record ActiveWorkflows(IReadOnlyList<TaskSummary> Workflows, bool HasMore);

public static class TasksApi
{
    public static TBuilder AddTasks<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<TaskQuotaOptions>().BindConfiguration("Quotas").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<TaskStore>();
        builder.Services.AddSingleton<TaskWaiters>();
        builder.Services.AddSingleton<TaskNews>();
        builder.AddTaskEvents();
        return builder;
    }

    public static void MapTasks(this IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/tasks").WithTags("Tasks");
        tasks.MapGet("/{id}", GetAsync).WithName("get-task").WithSummary("One task with its result and its history")
            .WithPath("id", "The task's id.", "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47").WithError(ErrorCode.ResourceNotFound, "No task has the id '0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b48'.");
        tasks.MapGet("/recent", RecentAsync).WithName("recent-tasks").WithSummary("Tasks, newest first, a page at a time")
            .WithCursor("AZjyxH0afD6bX9Km6MAbRw").WithQuery("status", "Only tasks in this state.", oneOf: TaskStates.Names)
            .WithQuery("correlation_id", "Only tasks of the request with this ID.", "order-4711").WithQuery("workflow_id", "Only tasks of this workflow, by its id in the catalog.", "jarvis-echo");
        tasks.MapPost("/{id}/cancel", CancelAsync).RequireAuthorization(Policies.Operator).WithName("cancel-task").WithSummary("Cancels a queued task at once (200), a running one as far as it can be (202)").Answers(200, 202)
            .WithPath("id", "The task's id.", "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47").WithError(ErrorCode.ResourceNotFound, "No task has the id '0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b48'.")
            .WithError(ErrorCode.Conflict, "The task is finished: succeeded.");
        tasks.MapTaskEvents();
        routes.MapGet("/workflows/active", ActiveAsync).WithTags("Tasks").WithName("active-workflows").WithSummary("What runs or waits to run now, oldest first").WithLimit(ListQuery.MaxLimit);
    }

    /// <summary>Where a task is found, for <c>Location</c>.</summary>
    public static string Location(Guid id) => $"/api/v2/tasks/{id}";

    private static async Task<Results<Enveloped<TaskView>, Failure>> GetAsync(string id, HttpContext context, TaskStore store, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var task) || await store.FindAsync(task, cancellationToken) is not { } view)
            return NoTask(id);
        view = view with { Events = await store.EventsAsync(task, cancellationToken) };
        return Enveloped.Ok(view.SeenBy(context.RequiredCaller()));
    }

    private static async Task<Enveloped<TaskPage>> RecentAsync(HttpContext context, TaskStore store, CancellationToken cancellationToken)
    {
        var query = new QueryReader(context.Request.Query);
        var limit = query.Whole("limit", ListQuery.DefaultLimit, 1, ListQuery.MaxLimit);
        var filter = TaskFilter.Read(query);
        TaskCursor? after = null;
        if (query.Text("cursor") is { } text)
        {
            if (TaskCursor.TryParse(text, out var cursor))
                after = cursor;
            else
                query.Wrong("cursor", "must be the next_cursor of a page before");
        }
        query.ThrowIfWrong();

        // One more than asked for tells whether there is another page.
        var tasks = await store.RecentAsync(filter, after, limit + 1, cancellationToken);
        var more = tasks.Count > limit;
        var page = more ? tasks.Take(limit).ToArray() : tasks;
        var next = more ? new TaskCursor(page[^1].CreatedAt, page[^1].TaskId).ToString() : null;
        var caller = context.RequiredCaller();
        return Enveloped.Ok(new TaskPage([.. page.Select(task => task.SeenBy(caller))], new CursorPagination(limit, next, more)));
    }

    private static async Task<Enveloped<ActiveWorkflows>> ActiveAsync(HttpContext context, TaskStore store, CancellationToken cancellationToken)
    {
        var query = new QueryReader(context.Request.Query);
        var limit = query.Whole("limit", ListQuery.MaxLimit, 1, ListQuery.MaxLimit);
        query.ThrowIfWrong();
        var tasks = await store.ActiveAsync(limit + 1, cancellationToken);
        var caller = context.RequiredCaller();
        return Enveloped.Ok(new ActiveWorkflows([.. tasks.Take(limit).Select(task => task.SeenBy(caller))], tasks.Count > limit));
    }

    private static async Task<Results<Enveloped<TaskView>, Failure>> CancelAsync(
        string id, HttpContext context, TaskStore store, TaskWaiters waiters, TaskNews news, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var task))
            return NoTask(id);
        var caller = context.RequiredCaller();
        var asked = await store.CancelAsync(task, TaskCaller.Of(caller), cancellationToken);
        if ((await store.FindAsync(task, cancellationToken))?.SeenBy(caller) is not { } view)
            return NoTask(id);
        if (!asked)
            return Failure.Conflict($"The task is finished: {view.Status.Name()}.");
        if (view.Status == TaskState.Cancelled)
        {
            waiters.Finished(task);
            news.Publish(new(task, view.Kind, view.Status, view.WorkflowId, view.WorkflowName, view.Attempt, view.ErrorCode));
        }
        return view.Status.IsFinished() ? Enveloped.Ok(view) : Enveloped.Accepted(view, Location(task));
    }

    internal static Failure NoTask(string id) => Failure.NotFound(id.Length <= 64 ? $"No task has the id '{id}'." : "No task has this id.");
}
