using System.Security.Cryptography;
using System.Text;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>What a process says of itself in Redis: who it is and, once it is ready, where it is reached.</summary>
/// <param name="Service">As in <see cref="InstanceIdentity"/>, like what follows.</param>
/// <param name="Instance">Of the process.</param>
/// <param name="Version">Of the service.</param>
/// <param name="StartedAt">Of the process.</param>
/// <param name="Address">Scheme, host and port; null while it is not ready, or when it does not say.</param>
/// <param name="Proof">
/// A MAC over service, instance and address under the services' key, so that who can write to Redis cannot draw requests and the credentials
/// in them to himself. That of a loopback address holds on its own machine only: elsewhere the same address is somebody else.
/// </param>
public sealed record Announcement(
    string Service, string Instance, string Version, DateTimeOffset StartedAt, string? Address = null, string? Proof = null)
{
    public static Announcement Of(InstanceIdentity own, string? address, string serviceKey)
    {
        var bare = new Announcement(own.Service, own.Instance, own.Version, own.StartedAt, address);
        return address is null ? bare : bare with { Proof = bare.ProofWith(serviceKey) };
    }

    /// <summary>Whether it was made by who has the key and, when it is of the loopback, here.</summary>
    public bool IsProven(string serviceKey) =>
        Proof is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Proof), Encoding.UTF8.GetBytes(ProofWith(serviceKey)));

    private string ProofWith(string serviceKey)
    {
        var machine = ProcessAddress.Parse(Address) is { IsLoopback: true } ? Environment.MachineName : "";
        var said = string.Join('\n', "jarvis.address", Service, Instance, Address, machine);
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(serviceKey), Encoding.UTF8.GetBytes(said)));
    }
}

/// <summary>A process has become ready or is about to stop: a hint to look at the registry now.</summary>
/// <param name="Left">Whether it stops.</param>
public sealed record InstanceChange(string Service, string Instance, bool Left)
{
    public const string Topic = "jarvis.instances";
}
