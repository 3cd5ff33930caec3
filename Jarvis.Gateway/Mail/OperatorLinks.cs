using Jarvis.ServiceDefaults.Logging;

namespace Jarvis.Gateway.Mail;

/// <summary>Tells the operator at the console a link that nobody can be sent, to pass it on.</summary>
internal sealed partial class OperatorLinks(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger(OperatorLog.Category);

    public void Tell(MailMessageText message)
    {
        if (message.Link is { } link)
            LogLink(message.Subject, link);
    }

    // A warning, since somebody waits for it.
    [LoggerMessage(EventId = 450, Level = LogLevel.Warning, Message = "{Subject} (no SMTP server is configured): {Link}")]
    private partial void LogLink(string subject, string link);
}
