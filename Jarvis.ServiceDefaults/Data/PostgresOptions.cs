using System.ComponentModel.DataAnnotations;

namespace Jarvis.ServiceDefaults.Data;

/// <summary>
/// How many sessions a process opens at most; section <c>Postgres</c>. The AppHost counts the processes and sets both so that the server
/// has enough for all.
/// </summary>
public sealed record PostgresOptions
{
    /// <summary>Where they stand in the configuration.</summary>
    public const string Section = "Postgres";

    /// <summary>Sessions for requests and for background work that may wait.</summary>
    [Range(1, 1_000)]
    public int MaxPoolSize { get; init; } = 20;

    /// <summary>
    /// Sessions besides, in a pool of their own, for what a burst of requests must not hold up: notifications, leases, revocations,
    /// migrations.
    /// </summary>
    [Range(2, 100)]
    public int ReservedPoolSize { get; init; } = 4;
}
