using System.Diagnostics;
using System.Runtime.CompilerServices;
using Jarvis.ServiceDefaults.Redaction;
using OpenTelemetry;

namespace Jarvis.ServiceDefaults.Observability;

/// <summary>
/// Takes secrets out of every span before it is exported, whichever library wrote them into its name, its status, its attributes or its events. Stands before the exporters.
/// </summary>
internal sealed class SpanRedaction(AttributeRedaction rules) : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        data.DisplayName = TextRedaction.Redact(data.DisplayName);
        if (data.StatusDescription is { } description && TextRedaction.Redact(description) is var clean && !ReferenceEquals(clean, description))
            data.SetStatus(data.Status, clean);
        foreach (ref readonly var tag in data.EnumerateTagObjects())
        {
            if (rules.Redact(tag.Key, tag.Value) is var value && !ReferenceEquals(value, tag.Value))
                data.SetTag(tag.Key, value);
        }
        foreach (ref readonly var happened in data.EnumerateEvents())
            Redact(in happened);
    }

    private void Redact(ref readonly ActivityEvent happened)
    {
        foreach (ref readonly var tag in happened.EnumerateTagObjects())
        {
            // An event cannot be changed or replaced once it is in its span, and a library's exception is written there, so its value is changed where it stands. Nobody else
            // has the span at this time: it has ended.
            if (rules.Redact(tag.Key, tag.Value) is var value && !ReferenceEquals(value, tag.Value))
                Unsafe.AsRef(in tag) = new(tag.Key, value);
        }
    }
}
