using System.Collections.Frozen;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>The gateway's public keys, fetched when a token names one that is not known, and from time to time so that retired ones go.</summary>
internal sealed class RemoteKeys(IHttpClientFactory clients, IOptions<SecurityOptions> options, TimeProvider time) : IVerificationKeys, IDisposable
{
    public const string ClientName = "jwks";
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskAgainAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile Known _known = new(FrozenDictionary<string, VerificationKey>.Empty, FetchedAt: null, TriedAt: null, Failed: false);

    public async ValueTask<VerificationKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        var known = _known;
        if (IsWithin(known.FetchedAt, Lifetime) && known.Keys.TryGetValue(keyId, out var key))
            return key;
        known = await RefreshAsync(cancellationToken);
        if (known.Keys.TryGetValue(keyId, out key))
            return key;
        return known.Failed ? throw Failure.Unavailable("gateway", "The keys that tokens are checked with cannot be fetched now. Try again shortly.").AsException() : null;
    }

    public void Dispose() => _fetching.Dispose();

    private bool IsWithin(long? since, TimeSpan age) => since is { } at && time.GetElapsedTime(at) < age;

    private async Task<Known> RefreshAsync(CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            // Tokens with made-up keys must not make a request each.
            if (!IsWithin(_known.TriedAt, _known.Failed ? AskAgainAfterFailure : AskAgain))
                _known = await FetchAsync(cancellationToken);
            return _known;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<Known> FetchAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            using var client = clients.CreateClient(ClientName);
            var jwks = await client.GetFromJsonAsync<Jwks>(options.Value.KeysAddress, JsonRules.Options, limit.Token);
            var keys = (jwks?.Keys ?? []).Select(key => key.ToKey()).OfType<VerificationKey>().DistinctBy(key => key.KeyId, StringComparer.Ordinal);
            return new(keys.ToFrozenDictionary(key => key.KeyId, StringComparer.Ordinal), time.GetTimestamp(), time.GetTimestamp(), Failed: false);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or Polly.ExecutionRejectedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Those that are known stay good: the gateway being away signs nobody out.
            return _known with { TriedAt = time.GetTimestamp(), Failed = true };
        }
    }

    /// <summary>What was fetched, and when.</summary>
    /// <param name="Keys">By their ids.</param>
    /// <param name="FetchedAt">When that last went well.</param>
    /// <param name="TriedAt">When it was last tried.</param>
    /// <param name="Failed">The last attempt did.</param>
    private sealed record Known(FrozenDictionary<string, VerificationKey> Keys, long? FetchedAt, long? TriedAt, bool Failed);
}
