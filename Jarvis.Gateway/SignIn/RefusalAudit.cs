using Jarvis.Gateway.Audit;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.SignIn;

/// <summary>Writes down who asked for what is not theirs.</summary>
internal sealed class RefusalAudit(IAuditLog audit) : AuthorizationAnswers
{
    protected override async Task ForbidAsync(HttpContext context, Caller caller, string needed)
    {
        // Names in paths are as many as a caller likes: repeats are told by the route.
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        await audit.WriteAsync(context, new("access.denied", AuditLog.Refused)
        {
            Target = $"{context.Request.Method} {context.Request.Path}",
            Detail = $"It needs {needed}.",
            Route = $"{context.Request.Method} {route}",
        }, context.RequestAborted);
        await base.ForbidAsync(context, caller, needed);
    }
}
