namespace Jarvis.Gateway.SignIn;

/// <summary>What has ended: one session (a sign-in, or an API key), or all that an account showed before <paramref name="At"/>.</summary>
/// <param name="AccountId">The account, when all of its sessions and tokens are meant.</param>
/// <param name="SessionId">The session or API key, when only that one is meant.</param>
/// <param name="At">What was issued until then holds no more.</param>
public sealed record Revocation(Guid? AccountId, Guid? SessionId, DateTimeOffset At);

/// <summary>
/// Tells every replica and every service within a second what has ended. The truth is a row of <c>identity.revocation</c>, written in the transaction that ends
/// the session; this only makes it known.
/// </summary>
public interface IRevocations
{
    /// <summary>Makes known what was committed. Does not throw and waits half a second at most: replicas that miss it find the row by themselves.</summary>
    Task AnnounceAsync(Revocation revocation, CancellationToken cancellationToken);

    /// <summary>The same for many: all of them hold here before the first is told to others, and all are told together.</summary>
    Task AnnounceAllAsync(IReadOnlyList<Revocation> ended, CancellationToken cancellationToken) =>
        Task.WhenAll(ended.Select(revocation => AnnounceAsync(revocation, cancellationToken)));

    /// <summary>Calls <paramref name="handler"/> for each revocation, of whichever replica, until the result is disposed; be quick. One may come twice.</summary>
    IDisposable Subscribe(Action<Revocation> handler);
}
