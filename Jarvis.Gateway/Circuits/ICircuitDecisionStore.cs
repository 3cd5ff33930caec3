using Jarvis.ServiceDefaults.Circuits;

namespace Jarvis.Gateway.Circuits;

/// <summary>What was decided about circuits, where it is not lost.</summary>
internal interface ICircuitDecisionStore
{
    /// <summary>The last decision about each circuit that there ever was one about.</summary>
    Task<IReadOnlyList<CircuitDecision>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Writes down that <paramref name="circuits"/> are isolated or reset, and who decided it, both or neither.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="circuits">As <see cref="CircuitDecision.Key"/> makes them.</param>
    /// <param name="isolated">False: they are reset.</param>
    /// <param name="reason">Why they are isolated.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Their revision, which is larger than every one before.</returns>
    Task<long> DecideAsync(HttpContext context, IReadOnlyCollection<string> circuits, bool isolated, string? reason, CancellationToken cancellationToken);
}
