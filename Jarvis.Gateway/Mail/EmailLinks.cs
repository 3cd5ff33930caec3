using Jarvis.Gateway.Identity;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Mail;

internal static class LinkPurpose
{
    public const string PasswordReset = "password_reset";
}

/// <summary>
/// The one-use tokens of links in e-mails. They derive from the e-mail's id, so that a repeated e-mail has the same link, and only their hash is kept.
/// </summary>
internal sealed class EmailLinks(NpgsqlDataSource database, ServerSecret secret, IOptions<AuthOptions> options)
{
    /// <summary>The link's token for the account; null when it has had one for this within the last minute, from another e-mail.</summary>
    public async Task<string?> MakeAsync(Guid mail, Guid account, string purpose, CancellationToken cancellationToken)
    {
        var token = secret.Derive($"link-{purpose}", mail.ToString());
        var hash = Credentials.Hash(token);
        await using var command = database.Command(
            """
            WITH recent AS (SELECT FROM identity.email_link WHERE account_id = $2 AND purpose = $3
                AND created_at > now() - interval '1 minute' AND hash <> $1),
            added AS (
                INSERT INTO identity.email_link (hash, account_id, purpose, created_at, expires_at) SELECT $1, $2, $3, now(), now() + $4
                    WHERE NOT EXISTS (SELECT FROM recent)
                ON CONFLICT (hash) DO NOTHING)
            SELECT NOT EXISTS (SELECT FROM recent)
            """, hash, account, purpose, TimeSpan.FromMinutes(options.Value.LinkMinutes));
        return await command.ExecuteScalarAsync(cancellationToken) is true ? token : null;
    }

    /// <summary>Takes a token, and with it all others of the account for the same purpose.</summary>
    /// <returns>The account; null when the token is not good (any more).</returns>
    public static async Task<Guid?> UseAsync(NpgsqlConnection connection, string purpose, string token, CancellationToken cancellationToken)
    {
        var hash = Credentials.Hash(token);
        // The account first, as whoever deletes it does: its links go with it.
        await connection.RunAsync(
            "SELECT FROM identity.account a JOIN identity.email_link l ON l.account_id = a.id WHERE l.hash = $1 FOR UPDATE OF a", [hash],
                cancellationToken);
        await using var command = connection.Command(
            """
            UPDATE identity.email_link l SET used_at = now() FROM identity.account a
            WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > now() AND a.id = l.account_id AND a.disabled_at IS NULL
            RETURNING account_id
            """, hash, purpose);
        if (await command.ExecuteScalarAsync(cancellationToken) is not Guid account)
            return null;
        await connection.RunAsync("UPDATE identity.email_link SET used_at = now() WHERE account_id = $1 AND purpose = $2 AND used_at IS NULL",
            [account, purpose], cancellationToken);
        return account;
    }
}
