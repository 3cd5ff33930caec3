using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.Telemetry.Retention;

/// <summary>What is pruned: a name for the log, and the work, which returns how many it took away.</summary>
internal sealed record PruneRule(string Name, Func<CancellationToken, Task<long>> PruneAsync);

/// <summary>
/// Goes through the rules of retention again and again, in order. Several replicas may do so at once: they skip what another has. A rule
/// that fails keeps no other from its turn; it
/// is said once, until it succeeds.
/// </summary>
internal sealed partial class Pruner(
    IEnumerable<PruneRule> rules, MigrationRunner migrations, IOptions<RetentionOptions> options, TimeProvider time, ILogger<Pruner> logger) : BackgroundService
{
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);

    /// <summary>One round: every rule, whatever becomes of the others.</summary>
    internal async Task PruneAsync(CancellationToken cancellationToken)
    {
        foreach (var rule in rules)
        {
            try
            {
                var pruned = await rule.PruneAsync(cancellationToken);
                _failing.Remove(rule.Name);
                if (pruned > 0)
                    LogPruned(pruned, rule.Name);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it is: what is not pruned today is pruned later, and only if this goes on.
                if (_failing.Add(rule.Name))
                    LogFailed(exception, rule.Name);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var suppressed = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.IntervalSeconds), time);
        do
            await PruneAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(EventId = 110, Level = LogLevel.Information, Message = "Pruned {Count} {Rule}")]
    private partial void LogPruned(long count, string rule);

    [LoggerMessage(EventId = 111, Level = LogLevel.Warning, Message = "Pruning {Rule} failed; it is tried again in each round. Said once until it succeeds")]
    private partial void LogFailed(Exception exception, string rule);
}
