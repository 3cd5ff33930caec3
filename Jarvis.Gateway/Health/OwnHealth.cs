using Jarvis.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Health;

/// <summary>This gateway's own checks: what they say, and how long that took.</summary>
internal sealed class OwnHealth(HealthCheckService checks, IOptions<HealthCheckServiceOptions> registered, IOptions<ServicesHealthOptions> options, TimeProvider time)
{
    public async Task<(HealthAnswer? Answer, double LatencyMs)> AskAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.TimeoutMs);
        var started = time.GetTimestamp();
        HealthAnswer? answer = null;
        try
        {
            answer = HealthReports.Answer(await checks.CheckHealthAsync(limit.Token), registered.Value);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Not answering is the answer.
        }
        return (answer, Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 2));
    }
}
