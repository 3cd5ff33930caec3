using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.Passwords;
using Jarvis.Gateway.Identity.Sessions;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Identity.Setup;

/// <summary>The body of <c>POST auth/setup</c>.</summary>
/// <param name="Token">The one-time token that the AppHost printed.</param>
/// <param name="Name">What the admin is called.</param>
public sealed record SetupBody(string Token, string Email, string Password, string? Name);

/// <summary>How an account is made here at present.</summary>
/// <param name="Needed">There is no account yet.</param>
public sealed record SetupView(bool Needed, RegistrationMode Registration);

/// <summary>The first account.</summary>
internal static class SetupApi
{
    public const string Action = "auth.setup";
    public const int MaxName = 100;

    private const int MaxToken = 200;

    public static void MapSetup(this IEndpointRouteBuilder auth)
    {
        auth.MapGet("/setup", StateAsync).AllowAnonymous().WithName("setup-state").WithSummary("Whether the first account is still to be made");
        auth.MapPost("/setup", SetupAsync).AllowAnonymous().Accepts<SetupBody>("application/json").WithName("setup")
            .WithSummary("Make the first account, an admin's, with the one-time token that the AppHost printed")
            .WithBody(typeof(SetupBody)).WithError(ErrorCode.InvalidToken, "The set-up token is wrong. The AppHost prints a link with the right one at start.")
            .WithError(ErrorCode.ResourceNotFound, "Jarvis is set up already: sign in, or let an admin invite you.")
            .WithError(ErrorCode.Validation, "One field is wrong: password.", new() { ["errors"] = new JsonObject { ["password"] = new JsonArray("must have 12 to 128 characters") } })
            .WithError(ErrorCode.ServiceUnavailable, "Too many people are signing in at the same time. Try again in a moment.");
    }

    private static async Task<Enveloped<SetupView>> StateAsync(SetupState state, IOptions<AuthOptions> options, CancellationToken cancellationToken) =>
        Enveloped.Ok(new SetupView(!await state.IsOverAsync(cancellationToken), options.Value.Registration));

    private static async Task<Results<Enveloped<SignInView>, Failure>> SetupAsync(
        [FromBody] JsonElement json, HttpContext context, SetupState state, FirstAccount first, PasswordChecks passwords, PasswordPolicy policy, SignInService signIn,
        IAccessTokens accessTokens, AuditLog audit, IOptions<AuthOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await state.IsOverAsync(cancellationToken))
            return Over();
        var body = new BodyReader(json);
        var token = body.Text("token", MaxToken);
        var email = body.Email("email");
        var name = body.OptionalText("name", MaxName);
        var password = policy.Read(body, "password", email, name);
        body.ThrowIfWrong();
        if (!IsRight(token, options.Value.SetupToken))
        {
            audit.Refuse(context, new(Action, AuditLog.Refused) { Detail = "wrong token" }, email);
            return new Failure(ErrorCode.InvalidToken, "The set-up token is wrong. The AppHost prints a link with the right one at start.");
        }
        await accessTokens.PrepareAsync(cancellationToken);
        using var place = passwords.Enter();
        var hash = await passwords.HashAsync(place, password, cancellationToken);
        var signedIn = await first.CreateAsync(email, name, hash, (connection, account) =>
            signIn.StartAsync(connection, account, SessionStore.Token, newHash: null, Action, context, cancellationToken), cancellationToken);
        return signedIn is null ? Over() : Enveloped.Ok(SignInView.Of(signedIn, context, time));
    }

    private static Failure Over() => Failure.NotFound("Jarvis is set up already: sign in, or let an admin invite you.");

    private static bool IsRight(string token, string? expected) =>
        !string.IsNullOrEmpty(expected) && CryptographicOperations.FixedTimeEquals(Credentials.Hash(token), Credentials.Hash(expected));
}
