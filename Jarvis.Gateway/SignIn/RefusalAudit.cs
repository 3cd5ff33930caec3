using Jarvis.Gateway.Audit;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.SignIn;

/// <summary>Writes down who asked for what is not theirs.</summary>
internal sealed class RefusalAudit(IAuditLog audit) : AuthorizationAnswers
{
    protected override async Task ForbidAsync(HttpContext context, Caller caller, string needed)
    {
        await audit.WriteAsync(context, new("access.denied", "refused") { Target = $"{context.Request.Method} {context.Request.Path}", Detail = $"It needs {needed}." }, context.RequestAborted);
        await base.ForbidAsync(context, caller, needed);
    }
}
