using Jarvis.Gateway.SignIn;

namespace Jarvis.Gateway.Identity.Sessions;

internal static class RevocationExtensions
{
    /// <summary>Makes known what was committed, all at once: each waits half a second at most.</summary>
    public static Task AnnounceAllAsync(this IRevocations revocations, IReadOnlyList<Revocation> ended, CancellationToken cancellationToken) =>
        Task.WhenAll(ended.Select(revocation => revocations.AnnounceAsync(revocation, cancellationToken)));
}
