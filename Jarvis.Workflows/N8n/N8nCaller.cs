using Microsoft.Extensions.Options;
using Polly.Timeout;

namespace Jarvis.Workflows.N8n;

/// <summary>Where a call writes down, before and after each try, whether a request may be out.</summary>
public interface ICallJournal
{
    /// <summary>Recorded before anything leaves; throws when this run may not send any more.</summary>
    Task SendingAsync(CancellationToken cancellationToken);

    /// <summary>The request that was announced has certainly done nothing.</summary>
    Task NotDoneAsync(string reason, CancellationToken cancellationToken);
}

/// <summary>Calls a webhook through the pipeline and judges the answer.</summary>
public sealed class N8nCaller(N8nClient client, N8nPipeline pipeline, RecentOutage outage, IOptions<N8nOptions> options)
{
    /// <summary>Calls, repeats what is safe to repeat, and says how it ended.</summary>
    /// <exception cref="Polly.CircuitBreaker.BrokenCircuitException">The circuit is open; no request is out.</exception>
    public async Task<TaskOutcome> CallAsync(N8nCall call, ICallJournal journal, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await pipeline.ExecuteAsync(call, token => TryAsync(call, journal, token, cancellationToken), cancellationToken);
            return N8nVerdict.Of(call, reply);
        }
        catch (TimeoutRejectedException)
        {
            return N8nVerdict.TimedOut(options.Value.TimeoutSeconds);
        }
    }

    private async Task<N8nReply> TryAsync(N8nCall call, ICallJournal journal, CancellationToken attempt, CancellationToken run)
    {
        await journal.SendingAsync(run);
        var reply = await client.SendAsync(call, attempt);
        if (reply.IsOutage || reply.SaysStarting)
            outage.Seen();
        if (reply.SaysStarting || (reply.SaysNotRegistered && outage.IsRecent))
            reply = reply with { IsStarting = true };
        if (reply.IsRefusal)
            await journal.NotDoneAsync(reply.Delivery == Delivery.NotSent ? reply.Reason : $"n8n answered {reply.Status}", run);
        return reply;
    }
}
