using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.Passwords;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Npgsql;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>Sign-in, refresh, sign-out, and who one is.</summary>
internal static class SignInApi
{
    // Of a refresh token or a password that is not looked at closer.
    private const int MaxToken = 200;

    public static void MapSignIn(this IEndpointRouteBuilder auth)
    {
        auth.MapPost("/login", LoginAsync).AllowAnonymous().Accepts<LoginBody>("application/json").WithName("login")
            .WithSummary("Sign in: an access token and a refresh token, or with session=cookie a browser's cookie")
            .WithBody(typeof(LoginBody)).WithAnswerHeader(200, "Set-Cookie", "The session, when it was asked for as a cookie.", "__Host-jarvis=m3Qx0yWc9sT7uVhK2nJfB5rZ8dLgE1oP4aYiX6tRwUk; path=/; secure; samesite=lax; httponly", required: false)
            .WithError(ErrorCode.InvalidCredentials, "The e-mail address or the password is wrong, or sign-in has to wait after failed attempts.")
            .WithError(ErrorCode.Validation, "One field is wrong: email.", new() { ["errors"] = new JsonObject { ["email"] = new JsonArray("is required") } })
            .WithError(ErrorCode.ServiceUnavailable, "Too many people are signing in at the same time. Try again in a moment.");
        auth.MapPost("/refresh", RefreshAsync).AllowAnonymous().Accepts<RefreshBody>("application/json").WithName("refresh")
            .WithSummary("The next access and refresh token; a refresh token is good once, and a reused one ends its session")
            .WithBody(typeof(RefreshBody)).WithError(ErrorCode.InvalidToken, "The refresh token is not valid. Sign in again.").WithError(ErrorCode.TokenExpired, "The session has ended. Sign in again.")
            .WithError(ErrorCode.Validation, "One field is wrong: refresh_token.", new() { ["errors"] = new JsonObject { ["refresh_token"] = new JsonArray("is required") } });
        auth.MapPost("/logout", LogoutAsync).AllowAnonymous().Accepts<LogoutBody>(isOptional: true, "application/json").WithName("logout")
            .WithSummary("End this session, that of a refresh token, or with everywhere=true all of the account, with revoke_api_keys=true its API keys too")
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                // It may come without.
                ((OpenApiRequestBody)operation.RequestBody!).Required = false;
                return Task.CompletedTask;
            })
            .WithBody(typeof(LogoutBody)).WithAnswerHeader(200, "Set-Cookie", "Takes the cookie away from a browser that has one.", "__Host-jarvis=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/; secure; samesite=lax; httponly", required: false)
            .WithError(ErrorCode.Validation, "One field is wrong: everywhere.", new() { ["errors"] = new JsonObject { ["everywhere"] = new JsonArray("must be true or false") } });
        auth.MapGet("/me", MeAsync).RequireAuthorization(Policies.SignedIn).WithName("me").WithSummary("Who I am and what I may do");
    }

    private static async Task<Results<Enveloped<SignInView>, Failure>> LoginAsync(
        [FromBody] JsonElement json, HttpContext context, SignInService signIn, KnownDevices devices, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var body = new BodyReader(json);
        var email = body.Email("email");
        var password = body.Text("password", PasswordPolicy.MaxUnits);
        var kind = body.OneOf("session", SessionStore.Token, SessionStore.Token, SessionStore.Cookie);
        body.ThrowIfWrong();
        var signedIn = await signIn.SignInAsync(email, password, kind, context, cancellationToken);
        if (kind == SessionStore.Cookie)
            devices.Remember(context, email);
        return Enveloped.Ok(SignInView.Of(signedIn, context, time));
    }

    private static async Task<Results<Enveloped<SignInView>, Failure>> RefreshAsync(
        [FromBody] JsonElement json, HttpContext context, RefreshTokens tokens, IRevocations revocations, AuditLog audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var body = new BodyReader(json);
        var token = body.Text("refresh_token", MaxToken);
        body.ThrowIfWrong();
        var (refreshed, failure, ended, account) = await tokens.RefreshAsync(token, cancellationToken);
        if (refreshed is { } next)
            return Enveloped.Ok(SignInView.OfTokens(next.User, next.SessionId, next.Access, next.RefreshToken, next.RefreshExpiresAt, time));
        audit.Refuse(context, new("auth.refresh", AuditLog.Refused)
        {
            AccountId = account,
            Target = ended?.SessionId?.ToString(),
            Detail = ended is null ? "no such token, or its session has ended" : "a spent refresh token came again: its session was ended",
        });
        if (ended is not null)
            await revocations.AnnounceAsync(ended, cancellationToken);
        return failure!;
    }

    private static async Task<Enveloped<SignedOut>> LogoutAsync(
        HttpContext context, NpgsqlDataSource database, RefreshTokens tokens, SessionStore sessions, IRevocations revocations, AuditLog audit,
        CancellationToken cancellationToken)
    {
        var (token, everywhere, keys) = await ReadLogoutAsync(context, cancellationToken);
        var ended = await database.InTransactionAsync(async connection =>
        {
            var caller = context.Caller() is { Kind: CallerKind.User } user ? (user.AccountId, user.SessionId)
                : token is null ? null : await tokens.OwnerAsync(connection, token, cancellationToken);
            if (caller is not var (account, session))
                return EndedSessions.None;
            // All sessions only for who is signed in: an old refresh token shall not end more than its own.
            var ended = everywhere && context.Caller() is { Kind: CallerKind.User }
                ? await sessions.EndAllAsync(connection, account, "signed out everywhere", cancellationToken)
                : await sessions.EndOneAsync(connection, account, session, "signed out", cancellationToken);
            if (keys && context.Caller() is { Kind: CallerKind.User })
                ended = await sessions.WithKeysAsync(connection, account, ended, cancellationToken);
            if (ended.Count > 0 || ended.ApiKeys > 0)
            {
                await audit.WriteAsync(connection, context, new("auth.logout", AuditLog.Success)
                {
                    AccountId = account,
                    Target = session.ToString(),
                    Detail = everywhere ? $"everywhere: {ended.Detail}" : null,
                }, cancellationToken);
            }
            return ended;
        }, cancellationToken);
        await revocations.AnnounceAllAsync(ended.Revocations, cancellationToken);
        if (SessionCookie.Of(context.Request) is not null)
            SessionCookie.Clear(context.Response);
        return Enveloped.Ok(ended.View);
    }

    private static async Task<(string? Token, bool Everywhere, bool Keys)> ReadLogoutAsync(HttpContext context,
        CancellationToken cancellationToken)
    {
        if (!context.Request.HasJsonContentType() || context.Request.ContentLength == 0)
            return (null, false, false);
        var body = new BodyReader(await context.Request.ReadFromJsonAsync<JsonElement>(cancellationToken));
        var token = body.OptionalText("refresh_token", MaxToken);
        var everywhere = body.Flag("everywhere") ?? false;
        var keys = body.Flag("revoke_api_keys") ?? false;
        if (keys && !everywhere)
            body.Wrong("revoke_api_keys", "needs everywhere");
        body.ThrowIfWrong();
        return (token, everywhere, keys);
    }

    private static async Task<Results<Enveloped<MeView>, Failure>> MeAsync(HttpContext context, UserManager<Account> users)
    {
        var caller = context.RequiredCaller();
        if (await users.FindByIdAsync(caller.AccountId.ToString()) is not { } account)
            return new Failure(ErrorCode.InvalidToken, "The account is gone.");
        // An access token comes in a header; who has none came by the cookie.
        var cookie = context.Request.Headers.Authorization.Count == 0 ? SessionCookie.Of(context.Request) : null;
        var kind = caller.Kind == CallerKind.ApiKey ? "api_key" : cookie is null ? SessionStore.Token : SessionStore.Cookie;
        return Enveloped.Ok(new MeView(
            UserView.Of(account), caller.Role, caller.Scopes, new(caller.SessionId, kind, caller.ExpiresAt), cookie is null || kind != SessionStore.Cookie ? null : CsrfToken.Of(cookie)));
    }
}
