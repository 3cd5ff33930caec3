using System.ComponentModel.DataAnnotations;

namespace Jarvis.ServiceDefaults.Logging;

/// <summary>Section <c>Logging</c>, beside what .NET reads there.</summary>
internal sealed record LogFormatOptions
{
    /// <summary>
    /// <c>json</c>, or <c>simple</c> for people. A key of its own: an orchestrator sets <c>Logging:Console:FormatterName</c> for every process that it starts.
    /// </summary>
    [AllowedValues("json", "simple", ErrorMessage = "Logging:Format must be 'json' or 'simple'.")]
    public string Format { get; init; } = "json";
}
