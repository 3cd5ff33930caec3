using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Running;

/// <summary>
/// Background work of the app host that goes on whatever goes wrong in it. By default an exception in one such service ends the host and
/// with it all of Jarvis, which has nothing to do with, say, a log line that could not be shown.
/// </summary>
abstract partial class SteadyService(TimeProvider time, ILogger logger) : BackgroundService
{
    static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>The work; begun anew after a while when it fails, over when it returns.</summary>
    protected abstract Task RunAsync(CancellationToken stoppingToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wait = FirstWait;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken);
                return;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(error, GetType().Name, wait.TotalSeconds);
            }

            await Task.Delay(wait, time, stoppingToken);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Error, Message = "{Service} of the app host failed; it goes on in {Seconds} s, and "
        + "Jarvis runs meanwhile")]
    private partial void LogFailed(Exception exception, string service, double seconds);
}
