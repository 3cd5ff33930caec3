using System.Security.Cryptography;
using System.Text;
using Jarvis.Gateway.Identity.Accounts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>
/// Slows down guessing, for all replicas together: an attempt is counted before the password is looked at, so that parallel ones do not slip through, against the e-mail
/// address (whether or not an account has it) and against the network address. One that comes while either waits is refused, and does not lengthen the wait.
/// </summary>
internal sealed class Throttle(NpgsqlDataSource database, IOptions<LockoutOptions> options, TimeProvider time)
{
    private const string ClaimSql =
        """
        INSERT INTO identity.throttle AS t (key, claim, failures, blocked_until, updated_at)
        VALUES ($1, $2, 1, CASE WHEN $4 = 1 THEN $3 + interval '1 second' ELSE $3 END, $3)
        ON CONFLICT (key) DO UPDATE SET
            claim = CASE WHEN t.blocked_until > $3 THEN t.claim ELSE $2 END,
            updated_at = CASE WHEN t.blocked_until > $3 THEN t.updated_at ELSE $3 END,
            failures = CASE WHEN t.blocked_until > $3 THEN t.failures WHEN t.updated_at < $3 - $6 THEN 1 ELSE t.failures + 1 END,
            blocked_until = CASE
                WHEN t.blocked_until > $3 THEN t.blocked_until
                WHEN t.updated_at < $3 - $6 OR t.failures + 1 < $4 THEN $3
                ELSE $3 + least(power(2, least(t.failures + 1 - $4, 30)), $5) * interval '1 second' END
        RETURNING claim = $2
        """;

    /// <summary>Counts an attempt, in one round trip whatever comes of it.</summary>
    /// <returns>Whether it may succeed.</returns>
    public async Task<bool> ClaimAsync(string email, HttpContext context, CancellationToken cancellationToken)
    {
        var claim = Guid.CreateVersion7(time.GetUtcNow());
        await using var batch = database.CreateBatch();
        // In this order always, so that two attempts never wait for each other.
        if (options.Value.AccountFailures > 0)
            batch.BatchCommands.Add(Claim(AccountKey(email), claim, options.Value.AccountFailures));
        if (options.Value.AddressFailures > 0)
            batch.BatchCommands.Add(Claim(AddressKey(context), claim, options.Value.AddressFailures));
        if (batch.BatchCommands.Count == 0)
            return true;
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var allowed = true;
        do
        {
            while (await reader.ReadAsync(cancellationToken))
                allowed &= reader.GetBoolean(0);
        }
        while (await reader.NextResultAsync(cancellationToken));
        return allowed;
    }

    /// <summary>Forgets an account's failures, and this one attempt of the network address: whoever has an account shall not wipe out its guesses at others.</summary>
    public async Task SucceededAsync(NpgsqlConnection connection, string email, HttpContext context, CancellationToken cancellationToken)
    {
        await connection.RunAsync("DELETE FROM identity.throttle WHERE key = $1", [AccountKey(email)], cancellationToken);
        await connection.RunAsync(
            """
            UPDATE identity.throttle SET failures = greatest(failures - 1, 0), blocked_until = CASE WHEN failures <= $2 THEN updated_at ELSE blocked_until END WHERE key = $1
            """, [AddressKey(context), options.Value.AddressFailures], cancellationToken);
    }

    private NpgsqlBatchCommand Claim(byte[] key, Guid claim, int threshold)
    {
        var command = new NpgsqlBatchCommand(ClaimSql);
        foreach (var value in new object[]
                 {
                     key, claim, time.GetUtcNow(), threshold, (double)options.Value.MaxDelaySeconds, TimeSpan.FromMinutes(options.Value.ForgetMinutes),
                 })
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    private static byte[] AccountKey(string email) => Key($"account:{EmailAddress.Normalize(email)}");

    private static byte[] AddressKey(HttpContext context) => Key($"address:{RequestSource.NetworkOf(context.Connection.RemoteIpAddress)}");

    private static byte[] Key(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
