using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// Lets only so many bodies be unpacked and parsed at once, whatever their number on the wire, and half of them at most be of one
/// account. A slot is
/// taken when the body has arrived: who sends slowly holds none.
/// </summary>
public sealed class ReadSlots(IOptions<IngestionOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentReads);
    private readonly AccountSlots _accounts = new(Math.Max(1, options.Value.MaxConcurrentReads / 2));

    /// <summary>Waits for a slot; dispose the result to leave it.</summary>
    /// <exception cref="IngestionUnavailableException">No slot became free in time.</exception>
    public async Task<IDisposable> EnterAsync(Caller caller, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromSeconds(options.Value.CommitTimeoutSeconds);
        var own = caller.Kind == CallerKind.Service ? null : await _accounts.EnterAsync(caller.AccountId, patience, cancellationToken) ?? throw Busy();
        var entered = false;
        try
        {
            entered = await _slots.WaitAsync(patience, cancellationToken);
        }
        finally
        {
            if (!entered)
                own?.Dispose();
        }
        return entered ? new Slot(_slots, own) : throw Busy();
    }

    public void Dispose() => _slots.Dispose();

    private static IngestionUnavailableException Busy() => new("Too many exports at once. Try again shortly.");

    private sealed class Slot(SemaphoreSlim slots, IDisposable? own) : IDisposable
    {
        public void Dispose()
        {
            slots.Release();
            own?.Dispose();
        }
    }
}
