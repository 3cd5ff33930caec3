using System.Collections.Frozen;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.Gateway.SignIn;

/// <summary>
/// The keys that access tokens are signed and checked with. A new one is made when the current one is <see cref="SigningOptions.KeyDays"/> old, is published an
/// hour before it signs, so that every service knows it by then, and the old one stays good for a day after.
/// </summary>
internal sealed partial class SigningKeys(
    ISigningKeyStore store, IServiceProvider services, IOptions<SigningOptions> options, TimeProvider time, ILogger<SigningKeys> logger)
    : BackgroundService, IVerificationKeys
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgainForUnknown = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PublishedBefore = TimeSpan.FromHours(1);
    private static readonly TimeSpan GoodAfter = TimeSpan.FromDays(1);
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile FrozenDictionary<string, SigningKey> _keys = FrozenDictionary<string, SigningKey>.Empty;
    private List<SigningKey> _retired = [];
    private long _loadedAt;
    private long _triedAt;

    public Jwks Public
    {
        get
        {
            var now = time.GetUtcNow();
            return new([.. _keys.Values.Where(key => key.RetiresAt > now).OrderBy(key => key.ActivatesAt).Select(key => key.Public)]);
        }
    }

    /// <summary>The key to sign with now.</summary>
    /// <exception cref="FailureException">503: there is none yet and Postgres does not answer.</exception>
    public async ValueTask<SigningKey> CurrentAsync(CancellationToken cancellationToken)
    {
        if (Current() is { } current)
            return current;
        await LoadAsync(cancellationToken);
        return Current() ?? throw Failure.Unavailable("postgres", "There is no key to sign tokens with yet. Try again shortly.").AsException();
    }

    /// <inheritdoc/>
    public async ValueTask<VerificationKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (Known(keyId) is { } known)
            return known;
        // Another replica may have made it; tokens with made-up keys must not make a query each.
        if (_triedAt != 0 && time.GetElapsedTime(_triedAt) < LookAgainForUnknown)
            return _loadedAt == _triedAt ? null : throw Unavailable();
        await LoadAsync(cancellationToken);
        return Known(keyId);
    }

    public override void Dispose()
    {
        foreach (var key in _keys.Values.Concat(_retired))
            key.Dispose();
        _loading.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        if (services.GetService<MigrationRunner>() is { } migrations)
            await migrations.Applied.WaitAsync(stoppingToken);
        var failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LoadAsync(stoppingToken);
                failing = false;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // Of whatever type: without a host's name Postgres is away too.
                if (!failing)
                    LogFailing(exception);
                failing = true;
            }
            await Task.Delay(failing || _keys.Count == 0 ? TimeSpan.FromSeconds(1) : LookAgain, time, stoppingToken);
        }
    }

    private VerificationKey? Known(string keyId) => _keys.TryGetValue(keyId, out var key) && key.RetiresAt > time.GetUtcNow() ? key.Verification : null;

    private SigningKey? Current()
    {
        var now = time.GetUtcNow();
        return _keys.Values.Where(key => key.ActivatesAt <= now && key.RetiresAt > now).MaxBy(key => key.ActivatesAt);
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        await _loading.WaitAsync(cancellationToken);
        try
        {
            // Who waited has what another one loaded.
            if (_loadedAt > asked)
                return;
            // Nor does everybody who waited try in turn what has just failed.
            if (_triedAt > asked)
                throw Unavailable();
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(LoadTimeout);
            var keys = await store.LoadAsync(Next, limit.Token);
            Replace(keys);
            _loadedAt = _triedAt = time.GetTimestamp();
        }
        catch (Exception exception) when (exception is not FailureException
            && (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested))
        {
            _triedAt = time.GetTimestamp();
            throw Unavailable(exception);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>
    /// Keys that are known already stay the objects that they are. One that has retired may be in use this moment, and is let go at the
    /// next time.
    /// </summary>
    private void Replace(IReadOnlyList<SigningKey> loaded)
    {
        var before = _keys;
        var now = loaded.ToFrozenDictionary(key => key.KeyId, key => before.GetValueOrDefault(key.KeyId) ?? key, StringComparer.Ordinal);
        foreach (var again in loaded.Where(key => !ReferenceEquals(now[key.KeyId], key)))
            again.Dispose();
        _retired.ForEach(key => key.Dispose());
        _retired = [.. before.Values.Where(key => !now.ContainsKey(key.KeyId))];
        _keys = now;
    }

    private static FailureException Unavailable(Exception? cause = null) =>
        Failure.Unavailable("postgres", "The keys that tokens are signed with cannot be read now. Try again shortly.").AsException(cause);

    /// <summary>The key to add to those there are; null when none is needed yet.</summary>
    private SigningKey? Next(IReadOnlyList<SigningKey> keys)
    {
        var now = time.GetUtcNow();
        var life = TimeSpan.FromDays(options.Value.KeyDays);
        if (keys.MaxBy(key => key.ActivatesAt) is not { } newest || newest.RetiresAt <= now)
            return SigningKey.Create(time, now, now + life + GoodAfter);
        var due = newest.ActivatesAt + life;
        if (now < due - PublishedBefore)
            return null;
        // After a long stop: still an hour's notice, for which the old one is good enough.
        var activates = due > now + PublishedBefore || newest.RetiresAt <= now + PublishedBefore ? due : now + PublishedBefore;
        return SigningKey.Create(time, activates < now ? now : activates, activates + life + GoodAfter);
    }

    [LoggerMessage(EventId = 442, Level = LogLevel.Warning, Message = "The keys that tokens are signed with cannot be read; tried again every second")]
    private partial void LogFailing(Exception exception);
}
