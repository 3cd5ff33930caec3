using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Running;

/// <summary>Starts a process again, and again when that fails: nobody else would.</summary>
/// <param name="start">Starts a resource by its id.</param>
sealed partial class Restarter(Func<string, CancellationToken, Task<ExecuteCommandResult>> start, TimeProvider time, ILogger logger)
{
    /// <summary>Ends when the process was started, or with a cancellation.</summary>
    public async Task RunAsync(string resource, int? exitCode, Func<TimeSpan> nextWait, CancellationToken cancellationToken)
    {
        do
        {
            var wait = nextWait();
            LogRestarts(resource, exitCode, wait.TotalSeconds);
            await Task.Delay(wait, time, cancellationToken);
        }
        while (!await TryStartAsync(resource, cancellationToken));
    }

    async Task<bool> TryStartAsync(string resource, CancellationToken cancellationToken)
    {
        try
        {
            var result = await start(resource, cancellationToken);
            if (!result.Success)
                LogNotStarted(resource, result.Message);
            return result.Success;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotStarted(resource, error.Message);
            return false;
        }
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "{Resource} ended by itself (exit code {ExitCode}); starting it "
        + "again in {Seconds} s")]
    private partial void LogRestarts(string resource, int? exitCode, double seconds);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "{Resource} did not start: {Reason}")]
    private partial void LogNotStarted(string resource, string? reason);
}
