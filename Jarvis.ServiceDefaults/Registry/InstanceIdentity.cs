using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>This process among the replicas of its service.</summary>
/// <param name="Service">As others call it: <c>catalog</c> of <c>Jarvis.Catalog</c>.</param>
/// <param name="Instance">Eight random hex digits, new with each start: it says nothing about the machine.</param>
/// <param name="Version">Of the service.</param>
public sealed record InstanceIdentity(string Service, string Instance, string Version, DateTimeOffset StartedAt)
{
    public static InstanceIdentity Create(IHostEnvironment environment, TimeProvider time) => new(
        environment.ApplicationName.Split('.')[^1].ToLowerInvariant(),
        RandomNumberGenerator.GetHexString(8, lowercase: true),
        typeof(InstanceIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0",
        time.GetUtcNow());
}
