using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.SignIn;

/// <summary>
/// Finds out who asks: an access token or an API key as <c>Authorization: Bearer</c>, or the session cookie of a browser. Runs before limits, the hot cache and
/// routes. What a caller who is known already costs is one hash and one look into a table.
/// </summary>
internal sealed class GatewaySignIn(
    RequestDelegate next, TokenVerifier tokens, VerifiedCallers known, OpaqueCredentials opaque, FailedCredentials failed, IUsage usage, IOptions<SecurityOptions> security)
{
    /// <summary>The session cookie.</summary>
    public const string Cookie = "__Host-jarvis";

    /// <summary>Proves that a page of ours sends a write, not one that the browser merely carries the cookie for.</summary>
    public const string CsrfHeader = "X-CSRF-Token";

    private const string Bearer = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (IsAppHost(context.Request))
        {
            context.User = ServiceKey.Principal;
            return next(context);
        }
        // Services know each other by it; nobody outside is one.
        context.Request.Headers.Remove(ServiceKey.Header);
        if (context.Request.Headers.Authorization is { Count: > 0 } given)
            return BearerAsync(context, given.Count == 1 ? given[0]! : "");
        return context.Request.Cookies[Cookie] is { Length: > 0 } cookie ? CookieAsync(context, cookie) : next(context);
    }

    /// <summary>The AppHost, which made the key, asks the gateway itself for what its dashboard's commands do; nothing else takes the key.</summary>
    private bool IsAppHost(HttpRequest request) =>
        string.Equals(request.Path.Value, ControlApi.Path, StringComparison.Ordinal) && ServiceKey.IsShown(request, security.Value.ServiceKey);

    private Task BearerAsync(HttpContext context, string given)
    {
        if (!given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            context.Features.Set(new SignInFault(ErrorCode.InvalidToken, "Authorization must be: Bearer, a blank, and an access token or an API key."));
            return next(context);
        }
        var credential = given.AsSpan(Bearer.Length).Trim();
        if (known.TryGet(SecretHash.Of(credential), out var caller))
        {
            Accept(context, caller);
            return next(context);
        }
        return CheckAsync(context, credential.ToString());
    }

    private async Task CheckAsync(HttpContext context, string credential)
    {
        if (await IsHeldUpAsync(context))
            return;
        await SignInFault.RunAsync(context, credential.StartsWith(OpaqueCredentials.KeyPrefix, StringComparison.Ordinal)
            ? () => KeyAsync(context, credential)
            : () => TokenAsync(context, credential));
        NoteFailure(context);
        await next(context);
    }

    private async Task<bool> IsHeldUpAsync(HttpContext context)
    {
        if (failed.Wait(context.Connection.RemoteIpAddress) is not { } wait)
            return false;
        await new Failure(ErrorCode.RateLimited, "Too many credentials that are not good came from this address. Try again later.") { RetryAfter = wait }.ExecuteAsync(context);
        return true;
    }

    /// <summary>Expired tokens are everybody's every quarter of an hour; what was never good is somebody's guess.</summary>
    private void NoteFailure(HttpContext context)
    {
        if (SignInFault.Of(context) is { Failure.Code.Name: "INVALID_TOKEN" })
            failed.Add(context.Connection.RemoteIpAddress);
    }

    private async Task KeyAsync(HttpContext context, string key)
    {
        if (await opaque.OfKeyAsync(key, context.RequestAborted) is { } caller)
            Accept(context, caller);
        else
            context.Features.Set(new SignInFault(ErrorCode.InvalidToken, "The API key is not one of ours, was revoked, or has expired."));
    }

    private async Task TokenAsync(HttpContext context, string token)
    {
        var (caller, fault) = await tokens.VerifyAsync(token, context.RequestAborted);
        if (caller is not null)
            Accept(context, caller);
        else
            context.Features.Set(SignInFault.Of(fault));
    }

    private async Task CookieAsync(HttpContext context, string cookie)
    {
        VerifiedCaller? caller = null;
        if (!known.TryGet(SecretHash.Of(cookie), out _) && await IsHeldUpAsync(context))
            return;
        await SignInFault.RunAsync(context, async () => caller = await opaque.OfCookieAsync(cookie, context.RequestAborted));
        if (caller is null)
        {
            if (SignInFault.Of(context) is null)
                context.Features.Set(new SignInFault(ErrorCode.InvalidToken, "The session has ended. Sign in again."));
            NoteFailure(context);
        }
        else if (IsSafe(context.Request.Method) || CsrfToken.IsValid(cookie, context.Request.Headers[CsrfHeader].ToString()))
        {
            Accept(context, caller);
        }
        else
        {
            await new Failure(ErrorCode.Forbidden, $"A write with a session cookie needs its {CsrfHeader}: GET /api/v2/auth/me tells it.").ExecuteAsync(context);
            return;
        }
        await next(context);
    }

    private void Accept(HttpContext context, VerifiedCaller verified)
    {
        context.User = verified.Principal;
        if (verified.Credential is null)
            return;
        context.Features.Set(verified);
        usage.Touch(verified.Caller.Kind is CallerKind.ApiKey ? UsageKind.ApiKey : UsageKind.Session, verified.Caller.SessionId);
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}
