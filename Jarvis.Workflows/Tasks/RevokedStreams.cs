using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;

namespace Jarvis.Workflows.Tasks;

/// <summary>Ends what outlives its request's sign-in: a stream of a caller who signed out, was disabled, or whose key or role is gone.</summary>
internal static class RevokedStreams
{
    // Between the time that is told and the commit the old state could still be read, and clocks differ: who is ended for nothing comes back with what holds now.
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(30);

    /// <summary>Cancels <paramref name="stream"/> when what its caller showed ends, and at once when it has ended already; until the result is disposed.</summary>
    public static IDisposable EndsWith(this Revoked revoked, Caller caller, CancellationTokenSource stream)
    {
        var subscription = revoked.Subscribe(message =>
        {
            if (Ends(message, caller))
                End(stream);
        });
        // Subscribed before this look, so that nothing in between is missed.
        if (caller.Kind != CallerKind.Service && revoked.Holds(caller.SessionId, caller.AccountId, caller.IssuedAt))
            End(stream);
        return subscription;
    }

    private static bool Ends(RevokedMessage message, Caller caller) =>
        caller.Kind != CallerKind.Service
        && (message.SessionId is { } session ? session == caller.SessionId : message.AccountId == caller.AccountId && caller.IssuedAt <= message.At + Doubt);

    // From the reader of Redis: what the cancelled stream does must not run there.
    private static void End(CancellationTokenSource stream) => _ = EndAsync(stream);

    private static async Task EndAsync(CancellationTokenSource stream)
    {
        try
        {
            await stream.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this moment.
        }
    }
}
