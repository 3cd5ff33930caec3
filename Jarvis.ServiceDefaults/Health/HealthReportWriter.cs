using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Health;

/// <summary>A service's own health: <c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>, and each check's.</summary>
public sealed record HealthAnswer(string Status, IReadOnlyDictionary<string, HealthCheckAnswer> Checks);

/// <summary>One check of a service.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c>, <c>unhealthy</c>, or <c>not_configured</c> for a neighbor that nobody has named.</param>
/// <param name="DurationMs">How long the check took, in milliseconds.</param>
/// <param name="Detail">What is wrong, in words; absent when nothing is.</param>
/// <param name="Required">Whether the service is down without it.</param>
/// <param name="Part">Whether it tells of a neighbour (Postgres, Redis, n8n, a provider) that others may use too, by the check's name.</param>
public sealed record HealthCheckAnswer(
    string Status, double DurationMs, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail, bool Required = true, bool Part = false);

/// <summary>Tags of health checks.</summary>
public static class HealthTags
{
    /// <summary>The check tells of a neighbour that others may use too: the gateway gathers what all say of it.</summary>
    public const string Part = "part";

    /// <summary>Part of <c>/alive</c>.</summary>
    public const string Live = "live";

    /// <summary>Unhealthy while the process has yet to get ready: others are not told to send requests to it before.</summary>
    public const string Ready = "ready";
}

/// <summary>A health report in the contract's words.</summary>
public static class HealthReports
{
    /// <summary>Each check with what it is registered as.</summary>
    public static HealthAnswer Answer(HealthReport report, HealthCheckServiceOptions options)
    {
        var failures = options.Registrations.GroupBy(check => check.Name, StringComparer.Ordinal).ToDictionary(check => check.Key, check => check.First().FailureStatus, StringComparer.Ordinal);
        return new(Name(report.Status), report.Entries.ToDictionary(
            entry => entry.Key,
            entry => new HealthCheckAnswer(
                NotConfigured.Is(entry.Value) ? NotConfigured.Status : Name(entry.Value.Status), Math.Round(entry.Value.Duration.TotalMilliseconds, 2), Detail(entry.Value),
                !NotConfigured.Is(entry.Value) && failures.GetValueOrDefault(entry.Key, HealthStatus.Unhealthy) == HealthStatus.Unhealthy, entry.Value.Tags.Contains(HealthTags.Part, StringComparer.Ordinal)),
            StringComparer.Ordinal));
    }

    // An exception's text may hold a connection string: only what the check's author wrote is for readers. Of a check that throws the text is the description.
    private static string? Detail(HealthReportEntry entry) =>
        entry.Description is { } description && description != entry.Exception?.Message ? description
        : entry.Status == HealthStatus.Healthy ? null
        : "does not answer";

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}

internal static class HealthReportWriter
{
    public static Task WriteAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            HealthReports.Answer(report, context.RequestServices.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value), context.RequestAborted);
}
