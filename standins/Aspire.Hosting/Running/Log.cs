using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

static partial class Log
{
    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "Distributed application starting.")]
    public static partial void ApplicationStarting(this ILogger logger);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "Distributed application started. Press Ctrl+C to shut down.")]
    public static partial void ApplicationStarted(this ILogger logger);

    [LoggerMessage(EventId = 12, Level = LogLevel.Information, Message = "Distributed application stopping.")]
    public static partial void ApplicationStopping(this ILogger logger);

    [LoggerMessage(EventId = 13, Level = LogLevel.Critical, Message = "The application cannot start without {Resource}.")]
    public static partial void ApplicationNeeds(this ILogger logger, string resource);

    [LoggerMessage(EventId = 14, Level = LogLevel.Critical, Message = "The application cannot start: {Reason}")]
    public static partial void ApplicationFailed(this ILogger logger, string reason);

    [LoggerMessage(EventId = 15, Level = LogLevel.Warning, Message = "{Message}")]
    public static partial void OrphanStopped(this ILogger logger, string message);

    [LoggerMessage(EventId = 16, Level = LogLevel.Warning, Message = "{Message}")]
    public static partial void ParameterMissing(this ILogger logger, string message);

    [LoggerMessage(EventId = 20, Level = LogLevel.Information, Message = "{Resource} waits for {Dependencies}")]
    public static partial void ResourceWaiting(this ILogger logger, string resource, string dependencies);

    [LoggerMessage(EventId = 21, Level = LogLevel.Information, Message = "{Resource} runs as process {Pid} {Urls}")]
    public static partial void ResourceRunning(this ILogger logger, string resource, int pid, string urls);

    [LoggerMessage(EventId = 22, Level = LogLevel.Information, Message = "{Resource} is ready")]
    public static partial void ResourceReady(this ILogger logger, string resource);

    [LoggerMessage(EventId = 23, Level = LogLevel.Information, Message = "{Resource} stopped")]
    public static partial void ResourceStopped(this ILogger logger, string resource);

    [LoggerMessage(EventId = 24, Level = LogLevel.Information, Message = "{Resource} finished")]
    public static partial void ResourceFinished(this ILogger logger, string resource);

    [LoggerMessage(EventId = 25, Level = LogLevel.Error, Message = "{Resource} ended with exit code {ExitCode}")]
    public static partial void ResourceCrashed(this ILogger logger, string resource, int exitCode);

    [LoggerMessage(EventId = 26, Level = LogLevel.Error, Message = "{Resource} failed to start: {Reason}")]
    public static partial void ResourceFailed(this ILogger logger, string resource, string reason);

    [LoggerMessage(EventId = 27, Level = LogLevel.Warning, Message = "{Resource} is {Health}: {Reason}")]
    public static partial void ResourceUnhealthy(this ILogger logger, string resource, string health, string reason);

    [LoggerMessage(EventId = 28, Level = LogLevel.Error, Message = "A handler of {Event} for {Resource} failed.")]
    public static partial void HandlerFailed(this ILogger logger, string @event, string resource, Exception error);

    [LoggerMessage(EventId = 30, Level = LogLevel.Information, Message = "{Line}")]
    public static partial void OutputLine(this ILogger logger, string line);

    [LoggerMessage(EventId = 31, Level = LogLevel.Error, Message = "{Line}")]
    public static partial void ErrorLine(this ILogger logger, string line);
}
