using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>Answers for this process, however the question came.</summary>
public sealed partial class ControlDispatcher(IEnumerable<IControlHandler> handlers, InstanceIdentity own, TimeProvider time, ILogger<ControlDispatcher> logger)
{
    /// <summary>The longest that one question may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, IControlHandler> _handlers =
        handlers.GroupBy(handler => handler.Kind, StringComparer.Ordinal).ToDictionary(kind => kind.Key, kind => kind.Last(), StringComparer.Ordinal);

    public async Task<ControlReply> HandleAsync(string id, string kind, JsonElement? args, CancellationToken cancellationToken)
    {
        var reply = new ControlReply(id, own.Service, own.Instance, Failed: false, Answer: null);
        if (!_handlers.TryGetValue(kind, out var handler))
            return reply;
        try
        {
            return reply with { Answer = await handler.HandleAsync(args, cancellationToken).WaitAsync(Timeout, time, cancellationToken) };
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception, kind);
            return reply with { Failed = true };
        }
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Warning, Message = "What was asked of all replicas ({Kind}) failed here")]
    private partial void LogFailed(Exception exception, string kind);
}
