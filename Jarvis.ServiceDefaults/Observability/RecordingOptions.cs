namespace Jarvis.ServiceDefaults.Observability;

/// <summary>What spans may say of people's data; section <c>Telemetry</c>.</summary>
public sealed record RecordingOptions
{
    /// <summary>Whether what is said to models, and what they answer, is recorded: every viewer can read it then.</summary>
    public bool RecordPrompts { get; init; }
}
