using System.Globalization;
using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Jarvis.Workflows.Tasks;

/// <summary><c>GET tasks/{id}/events</c>: a task's history, and what is added to it until the task ends, as server-sent events.</summary>
internal static class TaskEventsApi
{
    private const string LastEventId = "Last-Event-ID";

    public static void AddTaskEvents(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TaskEventsOptions>().BindConfiguration("TaskEvents").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ITaskEventsStore, TaskEventsStore>();
        builder.Services.AddSingleton<TaskEventsSlots>();
        builder.Services.AddSingleton<TaskEventsSignals>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TaskEventsSignals>());
    }

    public static void MapTaskEvents(this IEndpointRouteBuilder tasks) =>
        tasks.MapGet("/{id}/events", StreamAsync).WithName("task-events")
            .WithSummary("A task's history and what is added to it until it ends, as server-sent events; 204 tells who has seen the end not to come again")
            .WithPath("id", "The task's id.", "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47").WithLastEventId()
            .Produces(StatusCodes.Status200OK).Produces(StatusCodes.Status204NoContent).WithRawAnswer("text/event-stream")
            .WithError(ErrorCode.ResourceNotFound, "No task has the id '0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b48'.")
            .WithError(ErrorCode.Validation, "One field is wrong: Last-Event-ID.", new() { ["errors"] = new JsonObject { [LastEventId] = new JsonArray("must be the id of an event of this stream") } })
            .WithError(ErrorCode.ServiceUnavailable, "Too many streams are open here. Try again shortly.", new() { ["service"] = "workflows" })
            .RequireAuthorization(Policies.Viewer).DisableRequestTimeout();

    private static async Task<IResult> StreamAsync(
        string id, HttpContext context, ITaskEventsStore store, TaskEventsSlots slots, TaskEventsSignals signals, IOptions<TaskEventsOptions> options, TimeProvider time,
        Revoked revoked, IHostApplicationLifetime lifetime)
    {
        if (!TryReadLast(context.Request, out var after))
            return Failure.Invalid(LastEventId, "must be the id of an event of this stream");
        if (!Guid.TryParse(id, out var task))
            return TasksApi.NoTask(id);
        var caller = context.RequiredCaller();
        using var slot = slots.TryTake(caller.AccountId);
        if (slot is null)
            return Failure.Unavailable("workflows", "Too many streams are open here, or of your account. Close some, or try again shortly.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var signedOut = revoked.EndsWith(caller, stop);
        // Entered before the first look, so that a change in between is not missed.
        var signal = signals.Enter(task);
        try
        {
            if (await store.AfterAsync(task, after, stop.Token) is not { } first)
                return TasksApi.NoTask(id);
            if (after > 0 && first.Status.IsFinished() && first.Events.Count == 0)
                return TypedResults.NoContent(); // an EventSource that has seen the end comes again until it is told so
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers["X-Accel-Buffering"] = "no";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            var stream = new TaskEventsStream(store, context.Response, signal, caller.MaySeeResultOf(first.StartedBy), options.Value, time);
            await stream.RunAsync(task, first, after, Until(caller, options.Value, time), stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client went or was signed out, or the process stops: the stream ends, and can be gone on with by who may.
        }
        finally
        {
            signals.Leave(signal);
        }
        return TypedResults.Empty;
    }

    private static bool TryReadLast(HttpRequest request, out long after)
    {
        after = 0;
        var given = request.Headers[LastEventId];
        return given.Count == 0 || (given.Count == 1 && long.TryParse(given[0], NumberStyles.None, CultureInfo.InvariantCulture, out after));
    }

    private static DateTimeOffset Until(Caller caller, TaskEventsOptions options, TimeProvider time)
    {
        var longest = time.GetUtcNow().AddMinutes(options.MaxMinutes);
        return caller.ExpiresAt < longest ? caller.ExpiresAt : longest;
    }
}

/// <summary>Bounds the streams of this process, and of each account.</summary>
internal sealed class TaskEventsSlots(IOptions<TaskEventsOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _ofAccounts = [];
    private int _taken;

    /// <summary>Null when all are taken; else give it back.</summary>
    public IDisposable? TryTake(Guid account)
    {
        lock (_gate)
        {
            var own = _ofAccounts.GetValueOrDefault(account);
            var most = own == 0 ? options.Value.MaxStreams : options.Value.MaxStreams - (options.Value.MaxStreams / 10);
            if (_taken >= most || own >= options.Value.MaxStreamsPerUser)
                return null;
            _taken++;
            _ofAccounts[account] = own + 1;
            return new Slot(this, account);
        }
    }

    private void Return(Guid account)
    {
        lock (_gate)
        {
            _taken--;
            if (--_ofAccounts[account] == 0)
                _ofAccounts.Remove(account);
        }
    }

    private sealed class Slot(TaskEventsSlots slots, Guid account) : IDisposable
    {
        public void Dispose() => slots.Return(account);
    }
}
