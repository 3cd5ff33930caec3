using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>How the processes of one Jarvis find each other; section <c>Registry</c>, the same for all of them.</summary>
public sealed record RegistryOptions : IValidatableObject
{
    /// <summary>
    /// Whether this process tells the others where it listens, and asks them at the addresses that they tell. False leaves both to service
    /// discovery, where the platform balances over replicas.
    /// </summary>
    public bool Announce { get; init; } = true;

    /// <summary>
    /// Where others reach this process, such as <c>http://10.0.0.7:8080</c>; by default where it listens, unless that is every address of its
    /// machine.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>Hosts besides the machine's own and those of service discovery at which announced processes are believed.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Networks at whose addresses announced processes are believed, such as <c>10.0.0.0/8</c>.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Milliseconds in which a connection to another service must stand.</summary>
    [Range(100, 30_000)]
    public int ConnectTimeoutMs { get; init; } = 1_500;

    /// <summary>Milliseconds for which a process that stops still takes requests, so that all have heard of it.</summary>
    [Range(0, 5_000)]
    public int DrainMs { get; init; } = 250;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Address is { Length: > 0 } && ProcessAddress.Parse(Address) is null)
            yield return new("Registry:Address must be http or https with host and port and no path, such as http://10.0.0.7:8080.", [nameof(Address)]);
        foreach (var network in AllowedNetworks.Where(network => !IPNetwork.TryParse(network, out _)))
            yield return new($"Registry:AllowedNetworks: '{network}' is not a network such as 10.0.0.0/8.", [nameof(AllowedNetworks)]);
    }
}
