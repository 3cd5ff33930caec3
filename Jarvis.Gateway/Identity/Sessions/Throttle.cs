using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>
/// Slows down guessing, for all replicas together. Against an account (whether or not there is one) an attempt is counted before the password is looked at, so that
/// parallel ones do not slip through; against a network address only what has failed, so that nobody's success makes others wait. One that comes while either waits is
/// refused, and lengthens nothing. Where an account signed in lately it has a count of its own: neither guesses from elsewhere nor those of its neighbors at others keep it out.
/// </summary>
internal sealed class Throttle(NpgsqlDataSource database, IOptions<LockoutOptions> options, TimeProvider time)
{
    // $1 claim, $2 now, $3 allowed failures, $4 longest wait, $5 forgotten after. While somebody waits nothing is counted.
    private const string OneMore =
        """
        ON CONFLICT (key) DO UPDATE SET
                claim = CASE WHEN t.blocked_until > $2 THEN t.claim ELSE $1 END,
                updated_at = CASE WHEN t.blocked_until > $2 THEN t.updated_at ELSE $2 END,
                failures = CASE WHEN t.blocked_until > $2 THEN t.failures WHEN t.updated_at < $2 - $5 THEN 1 ELSE t.failures + 1 END,
                blocked_until = CASE
                    WHEN t.blocked_until > $2 THEN t.blocked_until
                    WHEN t.updated_at < $2 - $5 OR t.failures + 1 < $3 THEN $2
                    ELSE $2 + least(power(2, least(t.failures + 1 - $3, 30)), $4) * interval '1 second' END
        """;

    // $6 account, $7 account and network, $8 network, $9 familiar since.
    private const string BeginSql =
        $"""
        WITH place AS (
            SELECT EXISTS (SELECT 1 FROM identity.familiar_network WHERE key = $7 AND seen_at > $9) AS familiar,
                EXISTS (SELECT 1 FROM identity.throttle WHERE key = $8 AND blocked_until > $2) AS blocked
        ), counted AS (
            INSERT INTO identity.throttle AS t (key, claim, failures, blocked_until, updated_at)
            SELECT CASE WHEN familiar THEN $7 ELSE $6 END, $1, 1, CASE WHEN $3 = 1 THEN $2 + interval '1 second' ELSE $2 END, $2
            FROM place WHERE $3 > 0 AND (familiar OR NOT blocked)
            {OneMore}
            RETURNING claim = $1 AS mine
        )
        SELECT familiar, (familiar OR NOT blocked) AND ($3 = 0 OR coalesce((SELECT mine FROM counted), false)) FROM place
        """;

    // $6 network.
    private const string FailedSql =
        $"""
        INSERT INTO identity.throttle AS t (key, claim, failures, blocked_until, updated_at)
        VALUES ($6, $1, 1, CASE WHEN $3 = 1 THEN $2 + interval '1 second' ELSE $2 END, $2)
        {OneMore}
        """;

    /// <summary>Begins an attempt, in one round trip whatever comes of it.</summary>
    public async Task<SignInAttempt> BeginAsync(string email, HttpContext context, CancellationToken cancellationToken)
    {
        var keys = ThrottleKeys.Of(email, context);
        await using var command = Command(BeginSql, options.Value.AccountFailures, keys.Account, keys.Pair, keys.Network);
        command.Parameters.Add(new() { Value = time.GetUtcNow() - TimeSpan.FromDays(options.Value.FamiliarDays) });
        var rows = await command.ListAsync(row => new SignInAttempt(keys, row.GetBoolean(0), row.GetBoolean(1)), cancellationToken);
        return rows[0];
    }

    /// <summary>Counts it against the network, unless it was refused or the account is known there; as long a way in either case.</summary>
    public async Task FailedAsync(SignInAttempt attempt, CancellationToken cancellationToken)
    {
        if (attempt.Keys.Network is null || options.Value.AddressFailures == 0)
            return;
        await using var command = attempt is { IsAllowed: true, IsFamiliar: false } ? Command(FailedSql, options.Value.AddressFailures, attempt.Keys.Network)
            : database.Command("UPDATE identity.throttle SET claim = claim WHERE key = $1", attempt.Keys.Network);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Forgets the account's failures there, and remembers the place: what its network address did wrong stays, since whoever has an account shall not wipe it out.</summary>
    public async Task SucceededAsync(NpgsqlConnection connection, SignInAttempt attempt, CancellationToken cancellationToken)
    {
        await connection.RunAsync("DELETE FROM identity.throttle WHERE key = $1", [attempt.IsFamiliar ? attempt.Keys.Pair! : attempt.Keys.Account], cancellationToken);
        if (attempt.Keys.Pair is { } pair)
        {
            await connection.RunAsync(
                "INSERT INTO identity.familiar_network (key, seen_at) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET seen_at = excluded.seen_at",
                [pair, time.GetUtcNow()], cancellationToken);
        }
    }

    /// <summary>Forgets the failures of an account whose owner showed in another way who it is.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, string email, HttpContext context, CancellationToken cancellationToken)
    {
        var keys = ThrottleKeys.Of(email, context);
        return connection.RunAsync("DELETE FROM identity.throttle WHERE key = $1 OR key = $2::bytea", [keys.Account, keys.Pair], cancellationToken);
    }

    private NpgsqlCommand Command(string sql, int threshold, params ReadOnlySpan<byte[]?> keys)
    {
        var now = time.GetUtcNow();
        var command = database.Command(
            sql, Guid.CreateVersion7(now), now, threshold, (double)options.Value.MaxDelaySeconds, TimeSpan.FromMinutes(options.Value.ForgetMinutes));
        foreach (var key in keys)
            command.Parameters.Add(new() { Value = key ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea });
        return command;
    }
}
