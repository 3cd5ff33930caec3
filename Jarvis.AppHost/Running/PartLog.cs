using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Running;

/// <summary>
/// Shows on the console what an operator has to know: warnings and errors of every service at once, and the last lines of any part that ended by
/// itself. All the rest is in the dashboard.
/// </summary>
sealed partial class PartLog(DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService logs,
    TimeProvider time, ILogger<PartLog> logger)
    : SteadyService(time, logger)
{
    const int KeptLines = 15;
    const int LinesAtOnce = 12;
    static readonly TimeSpan LastWordsWithin = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    readonly TimeProvider _time = time;
    readonly ILogger<PartLog> _logger = logger;
    readonly ConcurrentDictionary<string, Part> _parts = new(StringComparer.Ordinal);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Resource is not (ProjectResource or ExecutableResource) || change.Resource.IsHidden() || !model.Resources.Contains(change.Resource))
                continue;
            var part = _parts.GetOrAdd(change.ResourceId, id => new Part(id, change.Resource is ProjectResource));
            // A log ends with its process; the next process has a log of its own.
            if (change.Snapshot.ProcessId() is not null && part.TryFollow())
                _ = FollowAsync(part, stoppingToken);
        }
    }

    /// <summary>Prints the last lines that were not shown when they came, once they have arrived: the end of a process is known before its last words are.</summary>
    public async Task ShowEndAsync(string resourceId, CancellationToken cancellationToken)
    {
        await Task.Delay(LastWordsWithin, _time, cancellationToken);
        if (_parts.TryGetValue(resourceId, out var part))
        {
            foreach (var line in part.TakeUnshown())
                Console.Error.WriteLine($"{resourceId}: {line}");
        }
    }

    async Task FollowAsync(Part part, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var lines in logs.WatchAsync(part.Id).WithCancellation(cancellationToken))
            {
                foreach (var line in lines)
                    Take(part, LogLines.Read(line.Content, line.IsErrorMessage));
            }
        }
        catch (OperationCanceledException)
        {
            // Jarvis stops.
        }
        catch (Exception error)
        {
            // Followed again with the next change of the part.
            LogNotFollowed(error, part.Id);
        }
        finally
        {
            part.Unfollow();
        }
    }

    void Take(Part part, PartLine line)
    {
        // A log that is followed again begins with the lines that are known.
        if (line.Text.Length == 0 || !part.IsNew(line))
            return;
        if (!line.IsUrgent || !part.IsService)
            part.Keep(line.Text);
        else if (part.MayShow(_time.GetUtcNow(), out var left))
            Console.Error.WriteLine($"{part.Id}: {line.Text}{(left > 0 ? $" ({left} more lines like it are in the dashboard)" : "")}");
    }

    [LoggerMessage(EventId = 14, Level = LogLevel.Warning, Message = "The log of {Resource} could not be followed")]
    private partial void LogNotFollowed(Exception exception, string resource);

    sealed class Part(string id, bool isService)
    {
        readonly Queue<string> _unshown = [];
        int _followed;
        DateTimeOffset _newest;
        DateTimeOffset _windowStart;
        int _shown;
        int _leftOut;

        public string Id => id;

        public bool IsService => isService;

        public bool TryFollow() => Interlocked.Exchange(ref _followed, 1) == 0;

        public void Unfollow() => Volatile.Write(ref _followed, 0);

        public bool IsNew(PartLine line)
        {
            if (line.At != default && line.At < _newest)
                return false;
            _newest = line.At;
            return true;
        }

        public void Keep(string line)
        {
            lock (_unshown)
            {
                // What the orchestrator says before it starts the process is not the process' last words.
                if (line.StartsWith("[sys] Starting process", StringComparison.Ordinal))
                {
                    _unshown.Clear();
                    return;
                }

                _unshown.Enqueue(line);
                while (_unshown.Count > KeptLines)
                    _unshown.Dequeue();
            }
        }

        public string[] TakeUnshown()
        {
            lock (_unshown)
            {
                string[] lines = [.. _unshown];
                _unshown.Clear();
                return lines;
            }
        }

        /// <summary>So many lines in a while; a part that floods its log does not drown the others' words.</summary>
        public bool MayShow(DateTimeOffset now, out int leftOut)
        {
            leftOut = 0;
            if (now - _windowStart > Window)
            {
                (_windowStart, _shown) = (now, 0);
                (leftOut, _leftOut) = (_leftOut, 0);
            }

            if (++_shown <= LinesAtOnce)
                return true;
            _leftOut++;
            return false;
        }
    }
}
