using Microsoft.Extensions.Options;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>Lets only so many bodies be in memory at once, whatever their number on the wire.</summary>
public sealed class ReadSlots(IOptions<IngestionOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentReads);

    /// <summary>Waits for a slot; dispose the result to leave it.</summary>
    /// <exception cref="IngestionUnavailableException">No slot became free in time.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        if (!await _slots.WaitAsync(TimeSpan.FromSeconds(options.Value.CommitTimeoutSeconds), cancellationToken))
            throw new IngestionUnavailableException("Too many exports at once. Try again shortly.");
        return new Slot(_slots);
    }

    public void Dispose() => _slots.Dispose();

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
