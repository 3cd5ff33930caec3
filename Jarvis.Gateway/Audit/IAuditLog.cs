namespace Jarvis.Gateway.Audit;

/// <summary>Something that the audit log keeps.</summary>
/// <param name="Action">A name in dots, such as <c>auth.login</c>, <c>user.role</c>, <c>circuit.reset</c>.</param>
/// <param name="Outcome"><c>success</c>, <c>refused</c> or <c>failed</c>.</param>
public sealed record AuditEntry(string Action, string Outcome)
{
    /// <summary>Who did it; the request's caller when it is not given.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>To what it was done: an account, a key, a circuit.</summary>
    public string? Target { get; init; }

    /// <summary>One sentence without secrets.</summary>
    public string? Detail { get; init; }

    /// <summary>Of a refusal: what its repeats are told by, when targets are as many as a caller likes.</summary>
    public string? Route { get; init; }
}

/// <summary>The append-only log of who did what, from where, with which outcome.</summary>
public interface IAuditLog
{
    /// <summary>
    /// Writes an entry with the request's address and correlation ID. What changed something is written before it is answered; a refusal that cannot be written
    /// because Postgres is away is logged instead.
    /// </summary>
    Task WriteAsync(HttpContext context, AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>
    /// Takes note of what a service has done: costs no round trip, and is written in a batch right afterwards. With the queue full it is
    /// written before this returns. What is noted in the last milliseconds before a crash may be lost; a stop writes all of it. Does not
    /// throw.
    /// </summary>
    ValueTask NoteAsync(HttpContext context, AuditEntry entry);
}
