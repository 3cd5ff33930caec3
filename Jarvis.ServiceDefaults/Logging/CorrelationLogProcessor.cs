using Jarvis.ServiceDefaults.Correlation;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Jarvis.ServiceDefaults.Logging;

/// <summary>Gives every log record the correlation ID that is current, under the name that spans have it by.</summary>
internal sealed class CorrelationLogProcessor : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (CorrelationId.Current is { } id)
            data.Attributes = [.. data.Attributes ?? [], new(CorrelationId.Attribute, id)];
    }
}
