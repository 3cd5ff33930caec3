using Jarvis.ServiceDefaults.Registry;

namespace Jarvis.Gateway.Health;

/// <summary>
/// Since when everything is in its state: as the first gateway saw it, and never from before its processes began, since one that was started anew between two looks was
/// away for a moment.
/// </summary>
internal sealed class StateTimes(StateMemory memory, SharedSince shared)
{
    /// <summary>Puts the right times into <paramref name="services"/> and <paramref name="parts"/>.</summary>
    /// <param name="instances">The processes that run, as far as they are known.</param>
    public async Task AgreeAsync(
        Dictionary<string, ServiceHealth> services, Dictionary<string, PartHealth> parts, IReadOnlyList<InstanceIdentity> instances, CancellationToken cancellationToken)
    {
        var begun = instances.GroupBy(one => one.Service, StringComparer.Ordinal).ToDictionary(one => one.Key, one => one.Min(instance => instance.StartedAt), StringComparer.Ordinal);
        // Nobody who runs now can have seen what was before.
        var first = begun.Count == 0 ? DateTimeOffset.MinValue : begun.Values.Min();
        SeenState[] seen =
        [
            // What is down stays so however often it is started.
            .. services.Select(service => new SeenState($"service {service.Key}", service.Value.Status, service.Value.Since,
                service.Value.Status == States.Unhealthy ? DateTimeOffset.MinValue : begun.GetValueOrDefault(service.Key))),
            .. parts.Where(part => part.Value.Status != States.Unknown).Select(part => new SeenState($"part {part.Key}", part.Value.Status, part.Value.Since, first)),
        ];
        var agreed = await shared.AgreeAsync(seen, cancellationToken);
        for (var i = 0; i < seen.Length; i++)
            memory.Correct(seen[i].Name, seen[i].Status, agreed[i] > seen[i].NotBefore ? agreed[i] : seen[i].NotBefore);
        foreach (var (name, service) in services)
            services[name] = service with { Since = memory.Since($"service {name}", service.Status) };
        foreach (var (name, part) in parts.Where(part => part.Value.Status != States.Unknown))
            parts[name] = part with { Since = memory.Since($"part {name}", part.Status) };
    }
}
