using System.Collections.Concurrent;
using System.Text.Json;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Processes;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Running;

/// <summary>
/// Writes down in the data directory which processes were started, so that whoever comes after a killed AppHost, or outlives a killed orchestrator,
/// knows what is left and ends it.
/// </summary>
sealed class ProcessLedger(ResourceNotificationService notifications, DataDirectory data, TimeProvider time,
    ILogger<ProcessLedger> logger) : SteadyService(time, logger)
{
    readonly ConcurrentDictionary<string, LedgerEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>What was started and still runs.</summary>
    public IEnumerable<LedgerEntry> Running => _entries.Values.Where(entry => entry.IsRunning);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Snapshot.ProcessId() is not { } processId || change.Snapshot.HasEnded())
            {
                if (_entries.TryRemove(change.ResourceId, out _))
                    await WriteAsync();
            }
            else if (_entries.GetValueOrDefault(change.ResourceId)?.ProcessId != processId && LedgerEntry.Of(change.ResourceId, processId) is { } entry)
            {
                _entries[change.ResourceId] = entry;
                await WriteAsync();
            }
        }
    }

    /// <summary>Replaced in one piece: a reader never sees half of it.</summary>
    async Task WriteAsync()
    {
        var file = data.File(LedgerEntry.FileName);
        try
        {
            await File.WriteAllTextAsync($"{file}.new", JsonSerializer.Serialize(_entries.Values));
            File.Move($"{file}.new", file, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The disk is full or the folder is gone: worse things are being reported elsewhere.
        }
    }
}
