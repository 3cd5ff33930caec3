using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Security;

/// <summary>Says in the contract's form who is missing (401, with <c>WWW-Authenticate</c>) or who may not (403).</summary>
public class AuthorizationAnswers : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
            await next(context);
        else if (context.Caller() is { } caller)
            await ForbidAsync(context, caller, Needed(context));
        else
            await ChallengeAsync(context);
    }

    /// <summary>For a route that has no policy.</summary>
    internal static Task RefuseAsync(HttpContext context) =>
        context.Caller() is null ? ChallengeAsync(context) : new Failure(ErrorCode.Forbidden, "This needs the role admin.").ExecuteAsync(context);

    /// <summary>401 that says why.</summary>
    private static Task ChallengeAsync(HttpContext context)
    {
        var failure = SignInFault.Of(context)?.Failure;
        // RFC 6750, 3: without a credential no error is named.
        if (failure is null)
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"jarvis\"";
        else if (failure.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"jarvis\", error=\"invalid_token\", error_description=\"{failure.Detail}\"";
        return (failure ?? new Failure(ErrorCode.AuthenticationRequired, "Sign in first: send an access token (POST /api/v2/auth/login) or an API key as Authorization: Bearer."))
            .ExecuteAsync(context);
    }

    protected virtual Task ForbidAsync(HttpContext context, Caller caller, string needed) =>
        new Failure(ErrorCode.Forbidden, $"This needs {needed}; you have {(caller.Role is { } role ? $"the role {role.Name()}" : "none")}.").ExecuteAsync(context);

    private static string Needed(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy switch
    {
        Policies.Viewer => "the role viewer",
        Policies.Operator => "the role operator",
        Policies.TelemetryWrite => $"the role operator or the scope {Scopes.TelemetryWrite}",
        Policies.Service => "to be a service of Jarvis",
        _ => "the role admin",
    };
}
