using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.OpenApi;

/// <summary>The API description of all services; section <c>OpenApi</c>.</summary>
public sealed record ContractDocumentOptions
{
    /// <summary>Seconds after which the services are asked anew, when somebody reads it.</summary>
    [Range(1, 86_400)]
    public int CacheSeconds { get; init; } = 300;

    /// <summary>The same while a service did not answer.</summary>
    [Range(1, 3_600)]
    public int RetrySeconds { get; init; } = 5;

    /// <summary>Milliseconds in which a service must have sent its part.</summary>
    [Range(100, 60_000)]
    public int TimeoutMs { get; init; } = 3_000;

    /// <summary>Bytes that a service's part may have.</summary>
    [Range(1_024, 67_108_864)]
    public int MaxBytes { get; init; } = 4_194_304;
}
