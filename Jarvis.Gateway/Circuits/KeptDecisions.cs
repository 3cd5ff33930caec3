using Jarvis.ServiceDefaults.Circuits;

namespace Jarvis.Gateway.Circuits;

/// <summary>
/// How the gateway knows what was decided: from Postgres, and each time that it looks it writes to Redis what is missing there. While Postgres is away nothing can be
/// decided, and the copy is good.
/// </summary>
internal sealed class KeptDecisions(ICircuitDecisionStore store, CarriedDecisions carried) : ICircuitDecisions
{
    public async Task<IReadOnlyList<CircuitDecision>?> ReadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<CircuitDecision> decisions;
        try
        {
            decisions = await store.ReadAsync(cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type; health tells that Postgres is away.
            return await carried.ReadAsync(cancellationToken);
        }
        await carried.CarryAsync(decisions, cancellationToken);
        return decisions;
    }
}
