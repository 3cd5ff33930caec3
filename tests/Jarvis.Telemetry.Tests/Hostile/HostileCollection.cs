namespace Jarvis.Telemetry.Tests.Hostile;

/// <summary>What measures memory and time of the process runs alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HostileCollection
{
    public const string Name = "Hostile";
}
