using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>Hears over Redis what has ended.</summary>
internal sealed class RevocationListener(IServiceProvider services, Revoked revoked, VerifiedCallers callers, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        if (services.GetService<MessageBus>() is not { } bus)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            try
            {
                // What was said meanwhile was not heard: whoever is remembered is checked again.
                var gaps = bus.WatchGapsAsync(callers.Clear, attempt.Token);
                await bus.SubscribeAsync<RevokedMessage>(Revoked.Topic, Hear);
                callers.Clear();
                await gaps;
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Of whatever type: some of the client's exceptions are no RedisException, and a cancellation may be its own. Redis' own health check tells of it.
                await attempt.CancelAsync();
                await Task.Delay(Retry, time, stoppingToken);
            }
        }
    }

    private void Hear(Message<RevokedMessage> message) => revoked.Add(message.Data);
}
