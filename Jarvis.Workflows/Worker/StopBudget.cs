using Microsoft.Extensions.Options;

namespace Jarvis.Workflows.Worker;

/// <summary>
/// How the time that the process gets to stop (<see cref="HostOptions.ShutdownTimeout"/>; whoever started it kills it afterwards) is divided: calls may end, then each
/// task that still runs is written down, and the rest is for what stops after the worker.
/// </summary>
public sealed class StopBudget(IOptions<HostOptions> host, IOptions<WorkerOptions> worker)
{
    private static readonly TimeSpan LongestLastWords = TimeSpan.FromSeconds(3);

    private TimeSpan Shutdown => host.Value.ShutdownTimeout > TimeSpan.Zero ? host.Value.ShutdownTimeout : TimeSpan.FromSeconds(1);

    /// <summary>What running calls get to end: <c>Worker:DrainSeconds</c>, at most three fifths of the whole.</summary>
    public TimeSpan Drain
    {
        get
        {
            var wanted = TimeSpan.FromSeconds(worker.Value.DrainSeconds);
            var most = Shutdown * 0.6;
            return wanted < most ? wanted : most;
        }
    }

    /// <summary>What then remains to write down how far each task came: a fifth of the whole, at most three seconds.</summary>
    public TimeSpan LastWords => Shutdown * 0.2 is var fifth && fifth < LongestLastWords ? fifth : LongestLastWords;
}
