using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Gateway.Audit;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Jarvis.Gateway.Identity.ApiKeys;

/// <summary>The body of <c>POST auth/api-keys</c>.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Scopes"><c>read</c> when not given.</param>
/// <param name="ExpiresInDays">1 to 3,650; never when not given.</param>
public sealed record ApiKeyBody(string Name, IReadOnlyList<string>? Scopes, int? ExpiresInDays);

/// <summary>The API keys of who asks, newest first.</summary>
public sealed record ApiKeyList(IReadOnlyList<ApiKeyView> ApiKeys);

/// <summary>A key that has just been made.</summary>
/// <param name="Key">The key itself; shown this once, and kept nowhere.</param>
public sealed record NewApiKey(ApiKeyView ApiKey, string Key);

/// <summary>Keys for programs.</summary>
internal static class ApiKeysApi
{
    private const int MaxName = 100;
    private const int MaxDays = 3_650;

    public static void MapApiKeys(this IEndpointRouteBuilder auth)
    {
        var keys = auth.MapGroup("/api-keys").RequireAuthorization(Policies.SignedIn).RequirePerson()
            .WithPath("id", "The key's id.", "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47").WithError(ErrorCode.Forbidden, "An API key may not do this: sign in with e-mail address and password.");
        keys.MapGet("", ListAsync).WithName("list-api-keys").WithSummary("My API keys");
        keys.MapPost("", AddAsync).Accepts<ApiKeyBody>("application/json").WithName("create-api-key").WithSummary("Make an API key; it is shown this once")
            .WithBody(typeof(ApiKeyBody)).Answers(201).WithError(ErrorCode.Conflict, "You have as many API keys as an account may have. Revoke one first.")
            .WithError(ErrorCode.Validation, "One field is wrong: scopes.", new() { ["errors"] = new JsonObject { ["scopes"] = new JsonArray("has admin, which is above your role") } });
        keys.MapDelete("/{id:guid}", RevokeAsync).WithName("delete-api-key").WithSummary("Revoke one of my API keys")
            .WithError(ErrorCode.ResourceNotFound, "You have no API key with the id '0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47'.");
    }

    /// <summary>The role that an account must have to give a key this scope.</summary>
    internal static Role Needed(string scope) => scope switch
    {
        Scopes.Admin => Role.Admin,
        Scopes.Run or Scopes.TelemetryWrite => Role.Operator,
        _ => Role.Viewer,
    };

    private static async Task<Enveloped<ApiKeyList>> ListAsync(HttpContext context, ApiKeyStore keys, CancellationToken cancellationToken) =>
        Enveloped.Ok(new ApiKeyList(await keys.ListAsync(context.RequiredCaller().AccountId, cancellationToken)));

    private static async Task<Results<Enveloped<NewApiKey>, Failure>> AddAsync(
        [FromBody] JsonElement json, HttpContext context, ApiKeyStore keys, NpgsqlDataSource database, AuditLog audit, CancellationToken cancellationToken)
    {
        var caller = context.RequiredCaller();
        var body = new BodyReader(json);
        var name = body.Text("name", MaxName);
        var scopes = body.Words("scopes", Scopes.All) ?? [Scopes.Read];
        var days = body.Whole("expires_in_days", 1, MaxDays);
        foreach (var scope in scopes.Where(scope => !caller.Has(Needed(scope))))
            body.Wrong("scopes", $"has {scope}, which is above your role");
        body.ThrowIfWrong();
        var added = await database.InTransactionAsync(async connection =>
        {
            var added = await keys.AddAsync(connection, caller.AccountId, caller.SessionId, name, scopes, days, cancellationToken);
            if (added is { ApiKey: var key })
            {
                await audit.WriteAsync(connection, context,
                    new("api_key.create", AuditLog.Success) { Target = key.Id.ToString(), Detail = $"{key.Prefix}: {string.Join(", ", scopes)}" }, cancellationToken);
            }
            return added;
        }, cancellationToken);
        return added is null ? Failure.Conflict("You have as many API keys as an account may have. Revoke one first.")
            : Enveloped.Created(added, $"/api/v2/auth/api-keys/{added.ApiKey.Id}");
    }

    private static async Task<Results<Enveloped<ApiKeyView>, Failure>> RevokeAsync(
        Guid id, HttpContext context, NpgsqlDataSource database, IRevocations revocations, AuditLog audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var account = context.RequiredCaller().AccountId;
        var revocation = new Revocation(null, id, time.GetUtcNow());
        var revoked = await database.InTransactionAsync(async connection =>
        {
            var revoked = await ApiKeyStore.RevokeAsync(connection, account, revocation, cancellationToken);
            if (revoked is not null)
                await audit.WriteAsync(connection, context, new("api_key.revoke", AuditLog.Success) { Target = id.ToString(), Detail = revoked.Prefix }, cancellationToken);
            return revoked;
        }, cancellationToken);
        if (revoked is null)
            return Failure.NotFound($"You have no API key with the id '{id}'.");
        await revocations.AnnounceAsync(revocation, cancellationToken);
        return Enveloped.Ok(revoked);
    }
}
