namespace Jarvis.ServiceDefaults.Replicas;

/// <summary>A process of a service, and where it is reached.</summary>
/// <param name="Instance">As it calls itself in the registry; new with each start.</param>
/// <param name="Address">Scheme, host and port, such as <c>http://127.0.0.1:34567</c>.</param>
public sealed record Replica(string Instance, string Address);

/// <summary>A process that the registry takes for alive.</summary>
/// <param name="Age">How long ago it last said so, by Redis' clock.</param>
/// <param name="Address">Checked; null when it has told none that may be used.</param>
public sealed record LiveProcess(string Service, string Instance, DateTimeOffset StartedAt, TimeSpan Age, string? Address);

/// <summary>A look at the registry.</summary>
/// <param name="AskedAt">When it was asked, as a timestamp of <see cref="TimeProvider"/>.</param>
/// <param name="Processes">Those that are alive.</param>
/// <param name="Announcing">Services whose processes tell their addresses when there are any.</param>
public sealed record RegistryView(long AskedAt, IReadOnlyList<LiveProcess> Processes, IReadOnlyCollection<string> Announcing);
