using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security.Tokens;

namespace Jarvis.Gateway.SignIn;

/// <inheritdoc/>
internal sealed class Revocations(Revoked revoked, IServiceProvider services) : IRevocations
{
    /// <inheritdoc/>
    public async Task AnnounceAsync(Revocation revocation, CancellationToken cancellationToken)
    {
        var message = new RevokedMessage(revocation.AccountId, revocation.SessionId, revocation.At);
        // Here at once, without a detour: who signed out asks this replica next.
        revoked.Add(message);
        try
        {
            if (services.GetService<MessageBus>() is { } bus)
                await bus.PublishAsync(Revoked.Topic, message, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The row says it too.
        }
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Revocation> handler) =>
        revoked.Subscribe(message => handler(new(message.AccountId, message.SessionId, message.At)));
}
