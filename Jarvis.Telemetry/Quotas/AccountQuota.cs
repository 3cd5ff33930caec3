using System.Globalization;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Telemetry.Quotas;

/// <summary>What is counted of an account.</summary>
public enum QuotaKind
{
    Points,
    Bytes,
    NewMetrics,
}

/// <summary>
/// Bounds what each account stores on a day (UTC). The count is a row in Postgres, of which every replica takes a hundredth of the bound
/// at a time, so that writers do not wait for
/// one another at that row: the bound is never passed, and what a replica that ends had taken is lost to the account for the day.
/// </summary>
public sealed class AccountQuota(NpgsqlDataSource database, IOptions<QuotaOptions> options, TimeProvider time)
{
    // Beyond it all shares are given up: there are not so many accounts, and their memory is bounded.
    private const int MaxShares = 10_000;
    private const int Parts = 100;

    private const string Take =
        """
        INSERT INTO telemetry.account_use AS u (account_id, day, kind, used) SELECT $1, $2, $3, $4 WHERE $4 <= $5
        ON CONFLICT (account_id, day, kind) DO UPDATE SET used = u.used + excluded.used WHERE u.used + excluded.used <= $5
        """;

    private readonly Dictionary<(Guid Account, QuotaKind Kind), Share> _shares = [];

    /// <summary>Counts <paramref name="amount"/> for the caller's account; services and amounts of nothing cost nothing.</summary>
    /// <exception cref="FailureException">429: the day's bound is reached. Nothing was counted.</exception>
    public async Task TakeAsync(Caller caller, QuotaKind kind, long amount, CancellationToken cancellationToken)
    {
        if (caller.Kind == CallerKind.Service || amount == 0)
            return;
        var day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (TryTakeShare(caller.AccountId, kind, day, amount))
            return;
        var limit = Limit(kind);
        var more = Math.Max(amount, limit / Parts);
        // Near the bound a whole part may be too much where the amount alone is not.
        if (!await TryTakeAsync(caller.AccountId, kind, day, more, limit, cancellationToken))
        {
            if (!await TryTakeAsync(caller.AccountId, kind, day, more = amount, limit, cancellationToken))
                throw Reached(kind, limit).AsException();
        }
        Give(caller.AccountId, kind, day, more - amount);
    }

    /// <summary>Gives back what was taken for something that was not stored.</summary>
    public void Return(Caller caller, QuotaKind kind, long amount)
    {
        if (caller.Kind != CallerKind.Service)
            Give(caller.AccountId, kind, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), amount);
    }

    private bool TryTakeShare(Guid account, QuotaKind kind, DateOnly day, long amount)
    {
        lock (_shares)
        {
            if (!_shares.TryGetValue((account, kind), out var share) || share.Day != day || share.Left < amount)
                return false;
            _shares[(account, kind)] = share with { Left = share.Left - amount };
            return true;
        }
    }

    private void Give(Guid account, QuotaKind kind, DateOnly day, long amount)
    {
        lock (_shares)
        {
            if (_shares.Count >= MaxShares)
                _shares.Clear();
            var left = _shares.TryGetValue((account, kind), out var share) && share.Day == day ? share.Left : 0;
            _shares[(account, kind)] = new(day, left + amount);
        }
    }

    private async Task<bool> TryTakeAsync(Guid account, QuotaKind kind, DateOnly day, long amount, long limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(Take);
        command.Parameters.Add(new() { Value = account });
        command.Parameters.Add(new() { Value = day });
        command.Parameters.Add(new() { Value = Name(kind) });
        command.Parameters.Add(new() { Value = amount });
        command.Parameters.Add(new() { Value = limit });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private long Limit(QuotaKind kind) => kind switch
    {
        QuotaKind.Points => options.Value.PointsPerDay,
        QuotaKind.Bytes => options.Value.BytesPerDay,
        _ => options.Value.NewMetricsPerDay,
    };

    private static string Name(QuotaKind kind) => kind switch
    {
        QuotaKind.Points => "points",
        QuotaKind.Bytes => "bytes",
        _ => "new_metrics",
    };

    private Failure Reached(QuotaKind kind, long limit)
    {
        var now = time.GetUtcNow();
        var (what, key) = kind switch
        {
            QuotaKind.Points => ("metric points", nameof(QuotaOptions.PointsPerDay)),
            QuotaKind.Bytes => ("bytes of telemetry", nameof(QuotaOptions.BytesPerDay)),
            _ => ("new names of metrics", nameof(QuotaOptions.NewMetricsPerDay)),
        };
        return new(ErrorCode.RateLimited, string.Create(CultureInfo.InvariantCulture,
            $"An account may store {limit} {what} a day (UTC), and this request would pass that. Nothing of it was stored. An operator can raise Quotas:{key}."))
        {
            RetryAfter = now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime,
            Extensions = new(StringComparer.Ordinal) { ["quota"] = Name(kind), ["limit"] = limit },
        };
    }

    private sealed record Share(DateOnly Day, long Left);
}

public static class QuotaExtensions
{
    public static TBuilder AddQuotas<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<QuotaOptions>().BindConfiguration("Quotas").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<AccountQuota>();
        return builder;
    }
}
