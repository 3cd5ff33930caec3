using System.Text.Json.Serialization;

namespace Jarvis.ServiceDefaults.Envelopes;

/// <summary>A success as the contract has it: <c>{"success": true, "data": …, "metadata": {"timestamp", "correlation_id"}}</c>.</summary>
/// <typeparam name="T">The data's shape.</typeparam>
public sealed record Envelope<T>(bool Success, T Data, EnvelopeMetadata Metadata);

/// <summary>When the answer was made (UTC), and the ID under which its traces and logs are found.</summary>
public sealed record EnvelopeMetadata(DateTimeOffset Timestamp, string? CorrelationId)
{
    /// <summary>How a search was answered, such as <c>lexical</c>; only where there is more than one way.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ModeUsed { get; init; }
}
