using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Circuits;
using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;

namespace Jarvis.Gateway.Tests.Circuits;

/// <summary>What Postgres would keep; <see cref="IsAway"/> stops it.</summary>
internal sealed class MemoryDecisions(IAuditLog audit, TimeProvider time) : ICircuitDecisionStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CircuitDecision> _decisions = new(StringComparer.Ordinal);
    private long _revision;

    public bool IsAway { get; set; }

    public Task<IReadOnlyList<CircuitDecision>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return IsAway ? Task.FromException<IReadOnlyList<CircuitDecision>>(Away()) : Task.FromResult<IReadOnlyList<CircuitDecision>>([.. _decisions.Values]);
    }

    public async Task<long> DecideAsync(HttpContext context, IReadOnlyCollection<string> circuits, bool isolated, string? reason, CancellationToken cancellationToken)
    {
        if (IsAway)
            throw Away();
        await audit.WriteAsync(context, CircuitDecisionStore.Entry(circuits, isolated, reason), cancellationToken);
        return Decide(circuits, isolated, reason);
    }

    public long Decide(IReadOnlyCollection<string> circuits, bool isolated, string? reason = null)
    {
        lock (_gate)
        {
            _revision++;
            foreach (var circuit in circuits)
                _decisions[circuit] = new(circuit, isolated, reason, time.GetUtcNow(), _revision);
            return _revision;
        }
    }

    private static FailureException Away() => Failure.Unavailable("postgres", "Postgres does not answer. Try again shortly.").AsException();
}
