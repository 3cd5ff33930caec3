using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>
/// Slows down guessing, for all replicas together and by the database server's clock. Against an account (whether or not there is one) an
/// attempt is counted before the password is looked at, so that parallel ones do not slip through; against a network address only what
/// has failed, so that nobody's success makes others wait. One that comes while either waits is refused, and lengthens nothing. Where an
/// account signed in lately (a network, a browser) it has a count of its own: neither guesses from elsewhere nor those of its neighbors
/// at others keep it out.
/// </summary>
internal sealed class Throttle(NpgsqlDataSource database, KnownDevices devices, IOptions<LockoutOptions> options, TimeProvider time)
{
    // $1 claim, $2 allowed failures, $3 longest wait, $4 forgotten after. While somebody waits nothing is counted.
    private const string OneMore =
        """
        ON CONFLICT (key) DO UPDATE SET
                claim = CASE WHEN t.blocked_until > now() THEN t.claim ELSE $1 END,
                updated_at = CASE WHEN t.blocked_until > now() THEN t.updated_at ELSE now() END,
                failures = CASE WHEN t.blocked_until > now() THEN t.failures WHEN t.updated_at < now() - $4 THEN 1 ELSE t.failures + 1 END,
                blocked_until = CASE
                    WHEN t.blocked_until > now() THEN t.blocked_until
                    WHEN t.updated_at < now() - $4 OR t.failures + 1 < $2 THEN now()
                    ELSE now() + least(power(2, least(t.failures + 1 - $2, 30)), $3) * interval '1 second' END
        """;

    // $5 account, $6 account and network or browser, $7 network, $8 familiar for, $9 whether the browser is known.
    private const string BeginSql =
        $"""
        WITH place AS (
            SELECT $9 OR EXISTS (SELECT 1 FROM identity.familiar_network WHERE key = $6 AND seen_at > now() - $8) AS familiar,
                EXISTS (SELECT 1 FROM identity.throttle WHERE key = $7 AND blocked_until > now()) AS blocked
        ), counted AS (
            INSERT INTO identity.throttle AS t (key, claim, failures, blocked_until, updated_at)
            SELECT CASE WHEN familiar THEN $6 ELSE $5 END, $1, 1, CASE WHEN $2 = 1 THEN now() + interval '1 second' ELSE now() END, now()
            FROM place WHERE $2 > 0 AND (familiar OR NOT blocked)
            {OneMore}
            RETURNING claim = $1 AS mine
        )
        SELECT familiar, (familiar OR NOT blocked) AND ($2 = 0 OR coalesce((SELECT mine FROM counted), false)) FROM place
        """;

    // $5 network.
    private const string FailedSql =
        $"""
        INSERT INTO identity.throttle AS t (key, claim, failures, blocked_until, updated_at)
        VALUES ($5, $1, 1, CASE WHEN $2 = 1 THEN now() + interval '1 second' ELSE now() END, now())
        {OneMore}
        """;

    /// <summary>Begins an attempt, in one round trip whatever comes of it.</summary>
    public async Task<SignInAttempt> BeginAsync(string email, HttpContext context, CancellationToken cancellationToken)
    {
        var keys = ThrottleKeys.Of(email, context, devices.Of(context.Request, email));
        await using var command = Command(BeginSql, options.Value.AccountFailures, keys.Account, keys.Own, keys.Network);
        command.Parameters.Add(new() { Value = TimeSpan.FromDays(options.Value.FamiliarDays) });
        command.Parameters.Add(new() { Value = keys.Device is not null });
        var rows = await command.ListAsync(row => new SignInAttempt(keys, row.GetBoolean(0), row.GetBoolean(1)), cancellationToken);
        return rows[0];
    }

    /// <summary>Whether the account is known where the request comes from.</summary>
    public async Task<bool> IsFamiliarAsync(string email, HttpContext context, CancellationToken cancellationToken)
    {
        var keys = ThrottleKeys.Of(email, context, devices.Of(context.Request, email));
        if (keys.Device is not null || keys.Pair is not { } pair)
            return keys.Device is not null;
        await using var command = database.Command(
            "SELECT EXISTS (SELECT 1 FROM identity.familiar_network WHERE key = $1 AND seen_at > now() - $2)", pair,
                TimeSpan.FromDays(options.Value.FamiliarDays));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
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
    public static async Task SucceededAsync(NpgsqlConnection connection, SignInAttempt attempt, CancellationToken cancellationToken)
    {
        await connection.RunAsync("DELETE FROM identity.throttle WHERE key = $1",
            [attempt.IsFamiliar ? attempt.Keys.Own! : attempt.Keys.Account], cancellationToken);
        if (attempt.Keys.Pair is { } pair)
        {
            await connection.RunAsync(
                "INSERT INTO identity.familiar_network (key, seen_at) VALUES ($1, now()) ON CONFLICT (key) DO UPDATE SET seen_at = excluded.seen_at", [pair], cancellationToken);
        }
    }

    /// <summary>Forgets the failures of an account whose owner showed in another way who it is.</summary>
    public Task<int> ForgetAsync(NpgsqlConnection connection, string email, HttpContext context, CancellationToken cancellationToken)
    {
        var keys = ThrottleKeys.Of(email, context, devices.Of(context.Request, email));
        return connection.RunAsync(
            "DELETE FROM identity.throttle WHERE key = $1 OR key = $2::bytea OR key = $3::bytea", [keys.Account, keys.Pair, keys.Device],
                cancellationToken);
    }

    private NpgsqlCommand Command(string sql, int threshold, params ReadOnlySpan<byte[]?> keys)
    {
        var command = database.Command(
            sql, Guid.CreateVersion7(time.GetUtcNow()), threshold, (double)options.Value.MaxDelaySeconds,
                TimeSpan.FromMinutes(options.Value.ForgetMinutes));
        foreach (var key in keys)
            command.Parameters.Add(new() { Value = key ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea });
        return command;
    }
}
