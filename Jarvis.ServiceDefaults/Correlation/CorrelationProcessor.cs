using System.Diagnostics;
using OpenTelemetry;

namespace Jarvis.ServiceDefaults.Correlation;

/// <summary>Gives every span the correlation ID that is current when it starts.</summary>
internal sealed class CorrelationProcessor : BaseProcessor<Activity>
{
    public override void OnStart(Activity data)
    {
        if (CorrelationId.Current is { } id)
            data.SetTag(CorrelationId.Attribute, id);
    }
}
