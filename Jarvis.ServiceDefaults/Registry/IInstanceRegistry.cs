namespace Jarvis.ServiceDefaults.Registry;

/// <summary>Which processes of Jarvis run.</summary>
public interface IInstanceRegistry
{
    /// <summary>Every process that announced itself within the last seconds, this one among them; null when Redis does not say.</summary>
    Task<IReadOnlyList<InstanceIdentity>?> ListAsync(CancellationToken cancellationToken);
}
