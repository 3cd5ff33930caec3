using System.Globalization;
using Jarvis.ServiceDefaults.Errors;
using Yarp.ReverseProxy.Forwarder;

namespace Jarvis.Gateway.Audit;

/// <summary>
/// Writes down who let a service do something: what passes a route whose metadata has <c>Audit</c>, an action such as
/// <c>task.trigger</c>. The target is the task, as the path or the answer's <c>Location</c> names it.
/// </summary>
internal static class TaskAudit
{
    private const string MetadataKey = "Audit";

    /// <summary>Asks the service, then notes what came of it.</summary>
    public static async Task InvokeAsync(HttpContext context, Func<Task> next)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
            || HttpMethods.IsOptions(context.Request.Method)
            || context.GetReverseProxyFeature().Route.Config.Metadata?.GetValueOrDefault(MetadataKey) is not { } action)
        {
            await next();
            return;
        }
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            await next();
            status = context.Response.StatusCode;
        }
        catch (FailureException exception)
        {
            status = exception.Failure.Status;
            throw;
        }
        finally
        {
            await context.RequestServices.GetRequiredService<IAuditLog>().NoteAsync(context, Entry(context, action, status));
        }
    }

    private static AuditEntry Entry(HttpContext context, string action, int status)
    {
        var outcome = status switch { < 400 => AuditLog.Success, < 500 => AuditLog.Refused, _ => AuditLog.Failed };
        var detail = string.Create(CultureInfo.InvariantCulture, $"HTTP {status}");
        if (outcome != AuditLog.Success && (context.RequestAborted.IsCancellationRequested
            || context.GetForwarderErrorFeature() is { Error: ForwarderError.RequestCanceled }))
            (outcome, detail) = (AuditLog.Failed, "The client went away: what came of it is not known here.");
        var target = context.GetRouteValue("id") as string
            ?? context.Response.Headers.Location.ToString().Split('?')[0].TrimEnd('/').Split('/')[^1];
        return new(action, outcome) { Target = target.Length == 0 ? null : target, Detail = detail, Route = action };
    }
}
