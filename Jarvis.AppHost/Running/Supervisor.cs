using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Running;

/// <summary>
/// Starts a process again that died by itself, after a wait that doubles from one second to thirty as long as it keeps dying. What somebody
/// stopped stays stopped, what never ran is the start-up's to report, and a service that refuses its configuration would only refuse it again.
/// </summary>
sealed partial class Supervisor(
    ResourceNotificationService notifications, ResourceCommandService commands, PartLog log, TimeProvider time, ILogger<Supervisor> logger)
    : SteadyService(time, logger)
{
    /// <summary>With this code a service ends that cannot run with its configuration (EX_CONFIG of sysexits.h).</summary>
    public const int ConfigurationExitCode = 78;

    static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Stable = TimeSpan.FromMinutes(1);

    readonly TimeProvider _time = time;
    readonly ILogger<Supervisor> _logger = logger;
    readonly Restarter _restarter = new((resource, cancellationToken) => commands.ExecuteCommandAsync(resource,
        KnownResourceCommands.StartCommand, cancellationToken), time, logger);
    readonly ConcurrentDictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    /// <summary>After so many deaths in a row nobody should wait for the part any more, though it is still started again.</summary>
    const int Hopeless = 3;

    /// <summary>Whether a part that ended will not come up by itself, as far as one can tell.</summary>
    public bool HasFailed(ResourceEvent change) =>
        change.Snapshot.ExitCode is ConfigurationExitCode || (_watched.TryGetValue(change.ResourceId, out var watched) && watched.Deaths >= Hopeless);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Resource is not (ProjectResource or ExecutableResource) || change.Resource.IsHidden())
                continue;
            var watched = _watched.GetOrAdd(change.ResourceId, _ => new Watched());
            if (watched.Died(change.Snapshot.State?.Text, _time.GetUtcNow()))
                _ = AfterDeathAsync(change, watched, stoppingToken);
        }
    }

    async Task AfterDeathAsync(ResourceEvent change, Watched watched, CancellationToken cancellationToken)
    {
        try
        {
            await log.ShowEndAsync(change.ResourceId, cancellationToken);
            if (change.Snapshot.ExitCode is ConfigurationExitCode)
            {
                LogRefusedConfiguration(change.ResourceId);
                return;
            }

            await _restarter.RunAsync(change.ResourceId, change.Snapshot.ExitCode, watched.NextWait, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Jarvis stops.
        }
        catch (Exception error)
        {
            LogGivesUp(error, change.ResourceId);
        }
    }

    [LoggerMessage(EventId = 13, Level = LogLevel.Error, Message = "{Resource} is not started again by itself any more; start it from "
        + "the dashboard")]
    partial void LogGivesUp(Exception exception, string resource);

    [LoggerMessage(EventId = 12, Level = LogLevel.Error, Message = "{Resource} cannot run with its configuration, as it says above; correct it and start Jarvis again")]
    partial void LogRefusedConfiguration(string resource);

    /// <summary>What the states of one process have been.</summary>
    internal sealed class Watched
    {
        bool _ran;
        TimeSpan _wait = FirstWait;
        DateTimeOffset _since;

        /// <summary>In a row, without a minute of running between them.</summary>
        public int Deaths { get; private set; }

        /// <summary>Takes the next state. True when it means that a running process ended without being told to.</summary>
        public bool Died(string? state, DateTimeOffset now)
        {
            if (state == KnownResourceStates.Running)
            {
                if (!_ran)
                    _since = now;
                _ran = true;
                return false;
            }

            if (state == KnownResourceStates.Stopping)
                _ran = false;
            if (!_ran || (state != KnownResourceStates.Finished && state != KnownResourceStates.Exited))
                return false;
            _ran = false;
            if (now - _since > Stable)
                (_wait, Deaths) = (FirstWait, 0);
            Deaths++;
            return true;
        }

        public TimeSpan NextWait()
        {
            var wait = _wait;
            _wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            return wait;
        }
    }
}
