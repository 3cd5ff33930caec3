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
    private const string Open = "accepted_at IS NULL AND expires_at > $1";

    /// <summary>Within a transaction; with an address it is e-mailed too.</summary>
    /// <returns>The invitation and its token; null when too many wait.</returns>
    public async Task<(InvitationView Invitation, string Token)?> AddAsync(
        NpgsqlConnection connection, Guid by, string? email, Role role, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var invitation = new InvitationView(Guid.CreateVersion7(now), email, role, now, now + lifetime);
        var token = MailComposer.InvitationToken(secret, invitation.Id);
        var added = await connection.RunAsync(
            $"""
            INSERT INTO identity.invitation (id, hash, email, role, created_by, created_at, expires_at)
            SELECT $2, $3, $4::text, $5, $6, $1, $7 WHERE (SELECT count(*) FROM identity.invitation WHERE {Open}) < $8
            """, [now, invitation.Id, Credentials.Hash(token), email, role.Name(), by, invitation.ExpiresAt, (long)options.Value.MaxInvitations], cancellationToken);
        if (added == 0)
            return null;
        if (email is not null)
            await outbox.AddAsync(connection, MailKind.Invitation, email, invitation.Id, cancellationToken);
        return (invitation, token);
    }

    public async Task<IReadOnlyList<InvitationView>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"SELECT id, email, role, created_at, expires_at FROM identity.invitation WHERE {Open} ORDER BY created_at DESC, id DESC LIMIT $2",
            time.GetUtcNow(), options.Value.MaxInvitations);
        return await command.ListAsync(row => new InvitationView(
            row.GetGuid(0), row.TextOrNull(1), RoleNames.Parse(row.GetString(2))!.Value, row.Time(3), row.Time(4)), cancellationToken);
    }

    public async Task<bool> WithdrawAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        await connection.RunAsync($"DELETE FROM identity.invitation WHERE {Open} AND id = $2", [time.GetUtcNow(), id], cancellationToken) > 0;

    /// <summary>Takes an invitation, once, also when the address turns out to have an account: else it would tell.</summary>
    /// <returns>The role it gives; null when it is not good (any more).</returns>
    public async Task<Role?> AcceptAsync(NpgsqlConnection connection, string token, string email, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            $"UPDATE identity.invitation SET accepted_at = $1 WHERE {Open} AND hash = $2 AND (email IS NULL OR upper(email) = $3) RETURNING role",
            time.GetUtcNow(), Credentials.Hash(token), EmailAddress.Normalize(email));
        return RoleNames.Parse(await command.ExecuteScalarAsync(cancellationToken) as string);
    }
}
