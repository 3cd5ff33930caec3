namespace Aspire.StackExchange.Redis;

/// <summary>Read from <c>Aspire:StackExchange:Redis</c> and <c>Aspire:StackExchange:Redis:{connection name}</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>Jarvis sets it and makes its own spans, so this stand-in has none to disable.</summary>
    public bool DisableTracing { get; set; }
}
