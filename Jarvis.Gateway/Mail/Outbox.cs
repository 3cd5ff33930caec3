using Jarvis.Gateway.Identity;
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

/// <summary>E-mails that wait, in Postgres, so that no request waits for a server of e-mail, and none is lost or sent by two replicas.</summary>
internal sealed class Outbox(NpgsqlDataSource database, IOptions<MailOptions> options, TimeProvider time)
{
    // How long a claimed one is left to whoever claimed it.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromMinutes(10);

    private const string AddSql =
        """
        INSERT INTO identity.outbox (id, kind, email, subject_id, created_at, next_attempt_at)
        SELECT $1, $2, $3, $4::uuid, $5, $5 WHERE NOT EXISTS (SELECT FROM identity.outbox OFFSET $6 LIMIT 1)
        """;

    public async Task AddAsync(string kind, string email, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await AddAsync(connection, kind, email, null, cancellationToken);
    }

    /// <summary>Within a transaction.</summary>
    /// <exception cref="FailureException">503: too many wait.</exception>
    public async Task AddAsync(NpgsqlConnection connection, string kind, string email, Guid? subject, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await connection.RunAsync(AddSql, [Guid.CreateVersion7(now), kind, email, subject, now, options.Value.MaxWaiting], cancellationToken) == 0)
            throw Failure.Unavailable("mail", "Too many e-mails wait to be sent. Try again later.").AsException();
    }

    /// <summary>Takes e-mails that are due; what is neither done nor postponed comes again after a while.</summary>
    public async Task<List<OutboxRow>> ClaimAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            """
            UPDATE identity.outbox SET attempts = attempts + 1, next_attempt_at = $1 + $2 WHERE id = ANY (ARRAY(
                SELECT id FROM identity.outbox WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, id LIMIT $3 FOR UPDATE SKIP LOCKED))
            RETURNING id, kind, email, subject_id, attempts
            """, time.GetUtcNow(), Lease, limit);
        return await command.ListAsync(row => new OutboxRow(row.GetGuid(0), row.GetString(1), row.GetString(2), row.IdOrNull(3), row.GetInt32(4)), cancellationToken);
    }

    public Task DoneAsync(Guid id, CancellationToken cancellationToken) => database.RunAsync("DELETE FROM identity.outbox WHERE id = $1", [id], cancellationToken);

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
        await database.RunAsync("UPDATE identity.outbox SET next_attempt_at = $2 WHERE id = $1", [row.Id, time.GetUtcNow() + wait], cancellationToken);
        return true;
    }
}
