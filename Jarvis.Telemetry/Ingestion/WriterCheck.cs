using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>Health check <c>writer</c>: degraded while spans cannot be stored, with the depth of the queue.</summary>
internal sealed class WriterCheck(SpanWriter writer, TimeProvider time) : IHealthCheck
{
    // Without new spans no write can prove that the cause is gone: an old fault says nothing about now.
    private static readonly TimeSpan FaultIsOld = TimeSpan.FromSeconds(30);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var queued = writer.QueuedSpans.ToString(CultureInfo.InvariantCulture);
        return Task.FromResult(writer.Fault is { } fault && (queued != "0" || time.GetUtcNow() - fault.At < FaultIsOld)
            ? HealthCheckResult.Degraded($"{fault.Reason} (last failure {fault.At:HH:mm:ss}Z, {queued} spans queued)")
            : HealthCheckResult.Healthy($"{queued} spans queued"));
    }
}
