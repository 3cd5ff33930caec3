using System.Security.Cryptography;
using System.Text;
using Jarvis.Gateway.Identity;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Mail;

internal static class MailKind
{
    public const string PasswordReset = "password_reset";

    /// <summary>Somebody registered with the address: a new account, or one that was there before.</summary>
    public const string Registered = "registered";

    public const string Invitation = "invitation";
}

/// <summary>An e-mail that is asked for.</summary>
/// <param name="Subject">Of an invitation: its id.</param>
internal sealed record OutboxRow(Guid Id, string Kind, string Email, Guid? Subject, int Attempts);

/// <summary>
/// E-mails that wait, in Postgres, so that no request waits for a server of e-mail, and none is lost or sent by two replicas. Times are
/// the database server's. One recipient gets one e-mail in a while, of whatever kind: anybody may ask for letters to anybody.
/// </summary>
internal sealed class Outbox(NpgsqlDataSource database, IOptions<MailOptions> options, IOptions<SmtpOptions> smtp, TimeProvider time)
{
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromMinutes(10);

    // One that waits says it all; an invitation is another one each time.
    private const string AddSql =
        $"""
        INSERT INTO identity.outbox (id, kind, email, subject_id, created_at, next_attempt_at)
        SELECT $1, $2, $3, $4::uuid, now(), now()
        WHERE $2 = '{MailKind.Invitation}' OR NOT EXISTS (SELECT FROM identity.outbox WHERE upper(email) = upper($3) AND kind = $2)
        """;

    private const string IsFullSql = "SELECT EXISTS (SELECT FROM identity.outbox OFFSET $1 LIMIT 1)";

    private const string TurnSql =
        """
        INSERT INTO identity.mail_recipient AS r (key, mail_id, sent_at) VALUES ($1, $2, now())
        ON CONFLICT (key) DO UPDATE SET mail_id = excluded.mail_id, sent_at = now()
            WHERE r.mail_id = excluded.mail_id OR r.sent_at <= now() - $3
        RETURNING true
        """;

    // It was no attempt.
    private const string WaitSql =
        """
        UPDATE identity.outbox SET attempts = attempts - 1,
            next_attempt_at = now() + $3 - least($3, coalesce((SELECT now() - sent_at FROM identity.mail_recipient WHERE key = $2), $3))
        WHERE id = $1
        """;

    // How long a claimed one is left to whoever claimed it: longer than handing it over may take.
    private TimeSpan Lease => TimeSpan.FromSeconds(smtp.Value.TimeoutSeconds + 60);

    private TimeSpan Pause => TimeSpan.FromSeconds(options.Value.RecipientSeconds);

    public async Task AddAsync(string kind, string email, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await AddAsync(connection, kind, email, null, cancellationToken);
    }

    /// <summary>Within a transaction.</summary>
    /// <exception cref="FailureException">503: too many wait.</exception>
    public async Task AddAsync(NpgsqlConnection connection, string kind, string email, Guid? subject, CancellationToken cancellationToken)
    {
        await using (var full = connection.Command(IsFullSql, options.Value.MaxWaiting))
        {
            if (await full.ExecuteScalarAsync(cancellationToken) is true)
                throw Failure.Unavailable("mail", "Too many e-mails wait to be sent. Try again later.").AsException();
        }
        await connection.RunAsync(AddSql, [Guid.CreateVersion7(time.GetUtcNow()), kind, email, subject], cancellationToken);
    }

    /// <summary>
    /// Takes one that is due; what is neither done nor postponed comes again after a while. That it was tried is written down by this.
    /// </summary>
    /// <returns>Null when none is due.</returns>
    public async Task<OutboxRow?> ClaimAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            """
            UPDATE identity.outbox SET attempts = attempts + 1, next_attempt_at = now() + $1 WHERE id = (
                SELECT id FROM identity.outbox WHERE next_attempt_at <= now() ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, kind, email, subject_id, attempts
            """, Lease);
        var rows = await command.ListAsync(row => new OutboxRow(row.GetGuid(0), row.GetString(1), row.GetString(2), row.IdOrNull(3),
            row.GetInt32(4)), cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>
    /// Takes the recipient's turn for this e-mail; when it had another one a moment ago, this one waits until the next is due.
    /// </summary>
    /// <returns>Whether it may go out now.</returns>
    public async Task<bool> TakeTurnAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        if (Pause == TimeSpan.Zero)
            return true;
        var key = SHA256.HashData(Encoding.UTF8.GetBytes(EmailAddress.Normalize(row.Email)));
        await using var command = database.Command(TurnSql, key, row.Id, Pause);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
            return true;
        await database.RunAsync(WaitSql, [row.Id, key, Pause], cancellationToken);
        return false;
    }

    public Task DoneAsync(Guid id, CancellationToken cancellationToken) => database.RunAsync("DELETE FROM identity.outbox WHERE id = $1", [id], cancellationToken);

    /// <summary>Whether it was tried too often already, by processes that ended over it.</summary>
    public bool IsSpent(OutboxRow row) => row.Attempts > options.Value.Attempts;

    /// <summary>Lets it wait for its next attempt.</summary>
    /// <returns>False when that was the last attempt; the e-mail is gone then.</returns>
    public async Task<bool> PostponeAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        if (row.Attempts >= options.Value.Attempts)
        {
            await DoneAsync(row.Id, cancellationToken);
            return false;
        }
        var wait = TimeSpan.FromSeconds(Math.Min(5 * Math.Pow(2, row.Attempts - 1), MaxBackoff.TotalSeconds));
        await database.RunAsync("UPDATE identity.outbox SET next_attempt_at = now() + $2 WHERE id = $1", [row.Id, wait], cancellationToken);
        return true;
    }
}
