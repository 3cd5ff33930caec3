using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Limits;

/// <summary>
/// How many requests a service is sent at once. The next ones wait in a line that is bounded in length and time; a service that is slow then costs its own callers, not those
/// of the others. A stream of events or a WebSocket counts only until it begins: after that it is bounded by the connections. What waits
/// for the end of a task has places of its own (<see cref="WaitingPlaces"/>).
/// </summary>
internal sealed class ServiceQueues(IOptions<ServiceQueueOptions> options, WaitingPlaces waiting) : IDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrencyLimiter> _limiters = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs <paramref name="next"/> when <paramref name="service"/> has a place for it.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="service">For which it is.</param>
    /// <param name="waits">Its query parameter for seconds to wait; null when it has none.</param>
    /// <param name="next">Sends it.</param>
    public async Task EnterAsync(HttpContext context, string service, string? waits, Func<Task> next)
    {
        using var place = waiting.Take(context, service, waits);
        if (place is not null)
        {
            await next();
            return;
        }
        var limiter = _limiters.GetOrAdd(service, Create);
        var lease = limiter.AttemptAcquire();
        if (!lease.IsAcquired)
            lease = await WaitAsync(limiter, context.RequestAborted);
        using (lease)
        {
            if (!lease.IsAcquired)
            {
                await Failure.Unavailable(service, $"The {service} service has too much to do now. Try again shortly.").ExecuteAsync(context);
                return;
            }
            context.Response.OnStarting(ReleaseStream, (context.Response, lease));
            await next();
        }
    }

    public void Dispose()
    {
        foreach (var limiter in _limiters.Values)
            limiter.Dispose();
    }

    private async Task<RateLimitLease> WaitAsync(ConcurrencyLimiter limiter, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Value.MaxWaitMs);
        try
        {
            return await limiter.AcquireAsync(1, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NoLease.Instance;
        }
    }

    private static Task ReleaseStream(object state)
    {
        var (response, lease) = ((HttpResponse, RateLimitLease))state;
        if (response.StatusCode == StatusCodes.Status101SwitchingProtocols || (response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) ?? false))
            lease.Dispose();
        return Task.CompletedTask;
    }

    private ConcurrencyLimiter Create(string service) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Value.Concurrency.TryGetValue(service, out var own) ? own : options.Value.InFlight,
        QueueLimit = options.Value.Queue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private sealed class NoLease : RateLimitLease
    {
        public static readonly NoLease Instance = new();

        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
