using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security.Tokens;

namespace Jarvis.Gateway.SignIn;

/// <inheritdoc/>
internal sealed class Revocations(Revoked revoked, IServiceProvider services) : IRevocations
{
    /// <inheritdoc/>
    public Task AnnounceAsync(Revocation revocation, CancellationToken cancellationToken) =>
        AnnounceAllAsync([revocation], cancellationToken);

    /// <inheritdoc/>
    public async Task AnnounceAllAsync(IReadOnlyList<Revocation> ended, CancellationToken cancellationToken)
    {
        if (ended.Count == 0)
            return;
        var messages = ended.Select(revocation => new RevokedMessage(revocation.AccountId, revocation.SessionId, revocation.At)).ToArray();
        // Here at once, without a detour: who signed out asks this replica next.
        revoked.AddAll(messages);
        try
        {
            if (services.GetService<MessageBus>() is { } bus)
                await Task.WhenAll(messages.Select(message => bus.PublishAsync(Revoked.Topic, message, cancellationToken)));
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
