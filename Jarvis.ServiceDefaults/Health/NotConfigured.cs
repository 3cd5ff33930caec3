using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Jarvis.ServiceDefaults.Health;

/// <summary>The state of a neighbor that nobody has named: neither well nor ill, and nothing is missing without it.</summary>
public static class NotConfigured
{
    /// <summary>As answers tell it.</summary>
    public const string Status = "not_configured";

    private const string Key = "jarvis.not_configured";

    // The framework has three states only; that it is this one goes along as data.
    private static readonly Dictionary<string, object> Data = new(StringComparer.Ordinal) { [Key] = true };

    /// <summary>What a check answers.</summary>
    /// <param name="detail">How to configure it.</param>
    public static HealthCheckResult Result(string detail) => HealthCheckResult.Healthy(detail, Data);

    internal static bool Is(HealthReportEntry entry) => entry.Data.ContainsKey(Key);
}
