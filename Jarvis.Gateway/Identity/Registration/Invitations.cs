using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Mail;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity.Registration;

/// <summary>An invitation that waits.</summary>
/// <param name="Email">For whom; null for whoever has it.</param>
/// <param name="Role">What the account may do.</param>
public sealed record InvitationView(Guid Id, string? Email, Role Role, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

internal sealed class Invitations(NpgsqlDataSource database, ServerSecret secret, Outbox outbox, IOptions<AuthOptions> options, TimeProvider time)
{
    private const string Columns = "id, email, role, created_at, expires_at";
    private const string Open = "accepted_at IS NULL AND expires_at > now()";

    /// <summary>Within a transaction; with an address it is e-mailed too.</summary>
    /// <returns>The invitation and its token; null when too many wait.</returns>
    public async Task<(InvitationView Invitation, string Token)?> AddAsync(
        NpgsqlConnection connection, Guid by, string? email, Role role, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var token = MailComposer.InvitationToken(secret, id);
        await using var command = connection.Command(
            $"""
            INSERT INTO identity.invitation (id, hash, email, role, created_by, created_at, expires_at)
            SELECT $1, $2, $3::text, $4, $5, now(), now() + $6::interval WHERE (SELECT count(*) FROM identity.invitation WHERE {Open}) < $7
            RETURNING {Columns}
            """, id, Credentials.Hash(token), email, role.Name(), by, lifetime, (long)options.Value.MaxInvitations);
        if (await command.ListAsync(View, cancellationToken) is not [var invitation])
            return null;
        if (email is not null)
            await outbox.AddAsync(connection, MailKind.Invitation, email, id, cancellationToken);
        return (invitation, token);
    }

    public async Task<IReadOnlyList<InvitationView>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"SELECT {Columns} FROM identity.invitation WHERE {Open} ORDER BY created_at DESC, id DESC LIMIT $1",
                options.Value.MaxInvitations);
        return await command.ListAsync(View, cancellationToken);
    }

    public static async Task<bool> WithdrawAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        await connection.RunAsync($"DELETE FROM identity.invitation WHERE {Open} AND id = $1", [id], cancellationToken) > 0;

    /// <summary>Takes an invitation, once, also when the address turns out to have an account: else it would tell.</summary>
    /// <returns>The role it gives; null when it is not good (any more).</returns>
    public static async Task<Role?> AcceptAsync(NpgsqlConnection connection, string token, string email,
        CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            $"UPDATE identity.invitation SET accepted_at = now() WHERE {Open} AND hash = $1 AND (email IS NULL OR upper(email) = $2) RETURNING role",
            Credentials.Hash(token), EmailAddress.Normalize(email));
        return RoleNames.Parse(await command.ExecuteScalarAsync(cancellationToken) as string);
    }

    private static InvitationView View(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.TextOrNull(1), RoleNames.Parse(row.GetString(2))!.Value, row.Time(3), row.Time(4));
}
