using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Library;

/// <summary>What <c>jarvis.catalog</c> says: the catalog's version moved.</summary>
/// <param name="Version">The new one.</param>
/// <param name="Changed">Files that were read for it.</param>
public sealed record CatalogChanged(string Version, int Changed);

/// <summary>Scans at the start, when somebody asks, when the watcher saw something, and from time to time in any case.</summary>
public sealed partial class LibraryWorker(
    LibraryScanner scanner, CatalogStore store, ScanSignal signal, FileChanges changes, LibraryWatcher watcher, MessageBus bus, EventPublisher events, TimeProvider time, IOptions<LibraryOptions> options,
    IEnumerable<IExtraSource> extras, ILogger<LibraryWorker> logger) : BackgroundService
{
    public const string Topic = "jarvis.catalog";

    /// <summary>A scan may take one part in this many of the time, so that a huge tree does not keep a core busy.</summary>
    private const int ScanShare = 20;

    /// <summary>From so many changed paths on it is a burst, such as a checkout.</summary>
    private const int BurstPaths = 50;

    /// <summary>The longest that the first scan waits for sources that are not folders.</summary>
    private static readonly TimeSpan ExtraWait = TimeSpan.FromSeconds(3);

    /// <summary>After a failure that nothing else caught.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private bool _failing;
    private bool _unwatched;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first scan must not hold up the start of the server, which answers 503 meanwhile.
        await Task.Yield();
        // Else what is there would seem not to be for a moment after every start.
        await Task.WhenAny(Task.WhenAll(extras.Select(extra => extra.FirstRead)), Task.Delay(ExtraWait, time, stoppingToken));
        var settings = options.Value;
        var (quiet, burst) = (TimeSpan.FromMilliseconds(settings.DebounceMs), TimeSpan.FromMilliseconds(settings.BurstMs));
        var (asked, pause, lastWhole) = (false, TimeSpan.Zero, time.GetTimestamp());
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Also while events keep coming: what they do not name is found by nothing else.
                var whole = !asked || time.GetElapsedTime(lastWhole) >= pause;
                var isFirst = store.Current is null;
                var scan = await ScanAsync(whole, stoppingToken);
                if (scan.Whole)
                {
                    // The first one reads everything, which the others do not.
                    pause = TimeSpan.FromSeconds(Math.Max(settings.RescanSeconds, isFirst ? 0 : scan.Took.TotalSeconds * ScanShare));
                    lastWhole = time.GetTimestamp();
                }

                var patience = pause - time.GetElapsedTime(lastWhole);
                asked = await signal.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, quiet, burst, () => changes.Count > BurstPaths, stoppingToken)
                    // What a scan that failed was to look at is known to nobody any more.
                    && scan.Done;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, the catalog goes on: nobody else reads the libraries.
                Failed(exception);
                asked = false;
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    /// <summary>How a scan went.</summary>
    private readonly record struct Outcome(bool Done, bool Whole, TimeSpan Took);

    private async Task<Outcome> ScanAsync(bool whole, CancellationToken cancellationToken)
    {
        RefreshWatches();
        var (answer, scope) = signal.Begin();
        var changed = changes.Take();
        whole |= scope == ScanScope.Everything;
        var started = time.GetTimestamp();
        var took = TimeSpan.Zero;
        // A scan is nobody's request: its logs and its message get an ID of their own.
        using var correlation = CorrelationId.Use(CorrelationId.Create(time));
        try
        {
            var before = store.Current;
            var snapshot = scanner.Scan(before, whole ? null : changed, watcher.IsWatching, cancellationToken);
            took = time.GetElapsedTime(started);
            store.Replace(snapshot);
            answer.TrySetResult(snapshot);
            if (_failing)
                LogWorks();
            _failing = false;
            // The first reading leaves a heap of several times what stays; give that back to the machine, once.
            if (before is null)
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            if (before?.Version == snapshot.Version)
                return new(true, whole, took);
            LogChanged(snapshot.Version, snapshot.Entries.Count, scanner.FilesRead, took.TotalMilliseconds);
            var change = new CatalogChanged(snapshot.Version, scanner.FilesRead);
            await bus.PublishAsync(Topic, change, cancellationToken);
            // Every replica reads the same files and comes to the same version.
            events.Publish("catalog", change, once: snapshot.Version);
            return new(true, whole, took);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The last snapshot stays; the next scan may fare better.
            Failed(exception);
            answer.TrySetException(exception);
            return new(false, whole, took);
        }
        finally
        {
            answer.TrySetCanceled(CancellationToken.None);
        }
    }

    // Without events changes are seen later, and nothing else is lost.
    private void RefreshWatches()
    {
        if (!options.Value.Watch)
            return;
        try
        {
            watcher.Refresh(scanner.Sources);
            _unwatched = false;
        }
        catch (Exception exception)
        {
            if (!_unwatched)
                LogUnwatched(exception);
            _unwatched = true;
        }
    }

    private void Failed(Exception exception)
    {
        // Once until it works again.
        if (!_failing)
            LogFailed(exception);
        _failing = true;
    }

    [LoggerMessage(EventId = 100, Level = LogLevel.Information, Message = "Catalog {Version}: {Resources} resources, {FilesRead} files read in {ElapsedMs:F0} ms")]
    private partial void LogChanged(string version, int resources, int filesRead, double elapsedMs);

    [LoggerMessage(EventId = 101, Level = LogLevel.Error, Message = "A scan of the libraries failed; the last catalog stays, and scans go on. Said once")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 102, Level = LogLevel.Information, Message = "Scans of the libraries work again")]
    private partial void LogWorks();

    [LoggerMessage(EventId = 103, Level = LogLevel.Warning, Message = "Watching the libraries failed; changes are seen at the periodic scan. Said once")]
    private partial void LogUnwatched(Exception exception);
}
