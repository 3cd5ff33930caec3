using System.Collections.Concurrent;

namespace Jarvis.Gateway.Proxy;

/// <summary>Says once that a service cannot be reached, and once that it can be again, however many requests meet it.</summary>
internal sealed partial class ForwardingLog(ILogger<ForwardingLog> logger)
{
    private readonly ConcurrentDictionary<string, bool> _failing = new(StringComparer.Ordinal);

    public void Failed(string service, string detail)
    {
        if (_failing.TryAdd(service, true))
            LogFailed(service, detail);
    }

    public void Answered(string service)
    {
        if (!_failing.IsEmpty && _failing.TryRemove(service, out _))
            LogAnswers(service);
    }

    [LoggerMessage(EventId = 400, Level = LogLevel.Warning, Message = "{Detail} Said once until {Service} answers")]
    private partial void LogFailed(string service, string detail);

    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "The {Service} service answers again")]
    private partial void LogAnswers(string service);
}
