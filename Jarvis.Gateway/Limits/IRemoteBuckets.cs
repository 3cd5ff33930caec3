using System.Runtime.InteropServices;

namespace Jarvis.Gateway.Limits;

/// <summary>What the shared bucket gave.</summary>
/// <param name="Granted">Tokens, none when it was empty.</param>
/// <param name="Left">Tokens that it still holds.</param>
/// <param name="Wait">Until it has one, when it was empty.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RemoteAnswer(int Granted, int Left, TimeSpan Wait);

/// <summary>The token buckets that all replicas share.</summary>
internal interface IRemoteBuckets
{
    /// <summary>Whether asking is worth the while.</summary>
    bool IsUp { get; }

    /// <summary>How often they were lost so far.</summary>
    int Outages { get; }

    /// <summary>Takes up to <paramref name="ask"/> tokens, after giving <paramref name="back"/> of what an earlier call took (less than none: after paying what was spent without it).</summary>
    /// <returns>Null when they cannot be reached.</returns>
    Task<RemoteAnswer?> TakeAsync(string key, Quota quota, int ask, int back);
}
