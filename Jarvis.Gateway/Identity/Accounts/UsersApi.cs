using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Jarvis.Gateway.Identity.Accounts;

/// <summary>The body of <c>PATCH users/{id}</c>; what is not given stays.</summary>
/// <param name="Disabled">Whether it may not sign in; its sessions end with that, and its API keys rest until it is enabled again.</param>
/// <param name="RevokeApiKeys">Whether its API keys are revoked, for good.</param>
public sealed record UserBody(Role? Role, bool? Disabled, bool? RevokeApiKeys);

public sealed record UserPage(IReadOnlyList<UserView> Users, Pagination Pagination);

/// <summary>All accounts, for admins.</summary>
internal static class UsersApi
{
    // As examples.
    private const string NobodyThere = "No account has the id '0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47'.";
    private const string LastAdmin = "This is the last admin who can sign in. Make another account an admin first.";

    private const int MaxOffset = 10_000;

    private static readonly string[] Sorts = ["email", "-email", "created_at", "-created_at", "last_sign_in_at", "-last_sign_in_at"];

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/users").RequireAuthorization(Policies.Admin).WithTags("Identity")
            .WithPath("id", "The account's id.", "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47")
            .WithError(ErrorCode.Forbidden, "This needs the role admin.");
        users.MapGet("", ListAsync).WithName("list-users").WithSummary("Accounts, oldest first").WithPaging(Sorts)
            .WithQuery("q", "Only accounts with this text in their e-mail address or name.", "ada", maxLength: 100).WithQuery("role", "Only accounts with this role.", oneOf: RoleNames.All);
        users.MapGet("/{id:guid}", GetAsync).WithName("get-user").WithSummary("One account").WithError(ErrorCode.ResourceNotFound, NobodyThere);
        users.MapPatch("/{id:guid}", ChangeAsync).Accepts<UserBody>("application/json").WithName("update-user")
            .WithSummary("Change an account's role, disable or enable it, revoke its API keys")
            .WithBody(typeof(UserBody)).WithError(ErrorCode.ResourceNotFound, NobodyThere).WithError(ErrorCode.Conflict, LastAdmin)
            .WithError(ErrorCode.Conflict, "The account was changed at the same time. Try again.")
            .WithError(ErrorCode.Validation, "One field is wrong: role.", new() { ["errors"] = new JsonObject { ["role"] = new JsonArray("must be one of viewer, operator, admin") } });
        users.MapDelete("/{id:guid}", DeleteAsync).WithName("delete-user").WithSummary("Delete an account with its sessions and API keys")
            .WithError(ErrorCode.ResourceNotFound, NobodyThere).WithError(ErrorCode.Conflict, LastAdmin);
    }

    private static async Task<Enveloped<UserPage>> ListAsync(HttpRequest request, IdentityContext context, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request.Query);
        var page = ListQuery.Read(query);
        var sort = query.OneOf("sort", Sorts);
        var role = RoleNames.Parse(query.OneOf("role", RoleNames.All));
        var text = query.Text("q", 100);
        // Each page reads those before it, too.
        if (page.Offset > MaxOffset)
            query.Wrong("offset", $"must be at most {MaxOffset}: narrow the list with q or role");
        query.ThrowIfWrong();

        var accounts = context.Accounts.AsNoTracking();
        if (role is { } wanted)
            accounts = accounts.Where(account => account.Role == wanted);
        if (text is not null)
        {
            var pattern = $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
            accounts = accounts.Where(account => EF.Functions.ILike(account.Email!, pattern, "\\") || EF.Functions.ILike(account.Name!, pattern, "\\"));
        }
        var total = await accounts.CountAsync(cancellationToken);
        var ordered = sort switch
        {
            "email" => accounts.OrderBy(account => account.NormalizedEmail),
            "-email" => accounts.OrderByDescending(account => account.NormalizedEmail),
            "-created_at" => accounts.OrderByDescending(account => account.CreatedAt),
            "last_sign_in_at" => accounts.OrderBy(account => account.LastSignInAt),
            "-last_sign_in_at" => accounts.OrderByDescending(account => account.LastSignInAt != null).ThenByDescending(account => account.LastSignInAt),
            _ => accounts.OrderBy(account => account.CreatedAt),
        };
        var rows = await ordered.ThenBy(account => account.Id).Skip(page.Offset).Take(page.Limit).ToListAsync(cancellationToken);
        return Enveloped.Ok(new UserPage([.. rows.Select(UserView.Of)], Pagination.Of(page, total)));
    }

    private static async Task<Results<Enveloped<UserView>, Failure>> GetAsync(Guid id, UserManager<Account> users) =>
        await users.FindByIdAsync(id.ToString()) is { } account ? Enveloped.Ok(UserView.Of(account)) : NoUser(id);

    private static async Task<Results<Enveloped<UserView>, Failure>> ChangeAsync(
        Guid id, [FromBody] JsonElement json, HttpContext context, UserAdmin admin, CancellationToken cancellationToken)
    {
        var body = new BodyReader(json);
        var role = body.Has("role") ? RoleNames.Parse(body.OneOf("role", "", [.. RoleNames.All])) : null;
        var disabled = body.Flag("disabled");
        var keys = body.Flag("revoke_api_keys") ?? false;
        body.ThrowIfWrong();
        return await admin.ChangeAsync(id, role, disabled, keys, context, cancellationToken) is { } account
            ? Enveloped.Ok(UserView.Of(account)) : NoUser(id);
    }

    private static async Task<Results<Enveloped<UserView>, Failure>> DeleteAsync(Guid id, HttpContext context, UserAdmin admin, CancellationToken cancellationToken) =>
        await admin.DeleteAsync(id, context, cancellationToken) is { } account ? Enveloped.Ok(UserView.Of(account)) : NoUser(id);

    private static Failure NoUser(Guid id) => Failure.NotFound($"No account has the id '{id}'.");
}
