namespace Jarvis.AppHost.Processes;

/// <summary>Ends processes that nobody looks after any more.</summary>
static class Remains
{
    static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(4);

    /// <summary>Asks each to end, all at once, and kills those that do not.</summary>
    public static async Task EndAsync(IEnumerable<LedgerEntry> entries, CancellationToken cancellationToken) =>
        await Task.WhenAll(entries.Select(entry => EndAsync(entry, cancellationToken)));

    static async Task EndAsync(LedgerEntry entry, CancellationToken cancellationToken)
    {
        using var process = entry.Find();
        if (process is null)
            return;
        try
        {
            await Signals.StopAsync(process, EndWithin, cancellationToken);
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself meanwhile.
        }
    }
}
