namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>What an operator decided last about a circuit. It holds for every replica, also for those that start later, until the next decision.</summary>
/// <param name="Circuit">As <see cref="Key"/> makes it.</param>
/// <param name="Isolated">Nothing goes through it; false once it was reset.</param>
/// <param name="Reason">Why it is isolated, in the words of whoever did it.</param>
/// <param name="At">When that was.</param>
/// <param name="Revision">Larger with each decision about the circuit: of two copies that differ the larger one is right.</param>
public sealed record CircuitDecision(string Circuit, bool Isolated, string? Reason, DateTimeOffset At, long Revision)
{
    /// <summary>The circuit <paramref name="name"/> of <paramref name="service"/>.</summary>
    public static string Key(string service, string name) => $"{service}/{name}";
}

/// <summary>Who knows what was decided. Postgres does; everybody else has it from there.</summary>
public interface ICircuitDecisions
{
    /// <summary>The last decision about each circuit. One that is not among them was never decided about, or is not known here: it stays as it is.</summary>
    /// <returns>Null when nobody says.</returns>
    Task<IReadOnlyList<CircuitDecision>?> ReadAsync(CancellationToken cancellationToken);
}
