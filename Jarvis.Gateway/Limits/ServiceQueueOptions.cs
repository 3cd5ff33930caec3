using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.Limits;

/// <summary>How much a service is asked at once by this replica; section <c>Limits</c>.</summary>
public sealed record ServiceQueueOptions : IValidatableObject
{
    /// <summary>Requests that a service is sent at once.</summary>
    [Range(1, 1_000_000)]
    public int InFlight { get; init; } = 256;

    /// <summary>The same for single services, by name.</summary>
    public IReadOnlyDictionary<string, int> Concurrency { get; init; } = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Requests that wait for a place, for each service; one more is refused.</summary>
    [Range(0, 1_000_000)]
    public int Queue { get; init; } = 512;

    /// <summary>Milliseconds that a request waits for a place.</summary>
    [Range(1, 60_000)]
    public int MaxWaitMs { get; init; } = 5_000;

    /// <summary>
    /// Requests of each service that wait for the end of a task (<c>?wait=</c>), besides those above; one more is answered as soon as it
    /// is accepted.
    /// </summary>
    [Range(0, 1_000_000)]
    public int Waiting { get; init; } = 128;

    /// <summary>Of these, requests of one account.</summary>
    [Range(0, 1_000_000)]
    public int WaitingPerUser { get; init; } = 16;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Concurrency.Where(service => service.Value is < 1 or > 1_000_000)
            .Select(service => new ValidationResult($"Limits:Concurrency:{service.Key} must be between 1 and 1000000.", [nameof(Concurrency)]));
}
