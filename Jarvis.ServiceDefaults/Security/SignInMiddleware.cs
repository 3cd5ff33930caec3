using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Security;

/// <summary>
/// Finds out who asks a service: another service by its key, or a user by the access token that the gateway passes on. Services check it themselves; the gateway is
/// no wall to hide behind.
/// </summary>
internal sealed class SignInMiddleware(RequestDelegate next, TokenVerifier tokens, IOptions<SecurityOptions> options)
{
    private const string Bearer = "Bearer ";

    public async Task InvokeAsync(HttpContext context)
    {
        if (ServiceKey.IsShown(context.Request, options.Value.ServiceKey))
            context.User = ServiceKey.Principal;
        else if (context.Request.Headers.Authorization.ToString() is { } given && given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            await SignInFault.RunAsync(context, () => VerifyAsync(context, given[Bearer.Length..].Trim()));
        await next(context);
    }

    private async Task VerifyAsync(HttpContext context, string token)
    {
        var (caller, fault) = await tokens.VerifyAsync(token, context.RequestAborted);
        if (caller is not null)
            context.User = caller.Principal;
        else
            context.Features.Set(SignInFault.Of(fault));
    }
}
