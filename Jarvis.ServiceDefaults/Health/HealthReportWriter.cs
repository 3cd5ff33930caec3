using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Jarvis.ServiceDefaults.Health;

/// <summary>A service's own health: <c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>, and each check's.</summary>
public sealed record HealthAnswer(string Status, IReadOnlyDictionary<string, HealthCheckAnswer> Checks);

/// <summary>One check of a service.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="DurationMs">How long the check took, in milliseconds.</param>
/// <param name="Detail">What is wrong, in words; absent when nothing is.</param>
public sealed record HealthCheckAnswer(
    string Status, double DurationMs, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail);

internal static class HealthReportWriter
{
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var checks = report.Entries.ToDictionary(
            entry => entry.Key,
            // An exception's text may hold a connection string: the description is what the check's author wrote for readers.
            entry => new HealthCheckAnswer(Name(entry.Value.Status), Math.Round(entry.Value.Duration.TotalMilliseconds, 2),
                entry.Value.Description ?? (entry.Value.Status == HealthStatus.Healthy ? null : "does not answer")),
            StringComparer.Ordinal);
        return context.Response.WriteAsJsonAsync(new HealthAnswer(Name(report.Status), checks), context.RequestAborted);
    }


    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
