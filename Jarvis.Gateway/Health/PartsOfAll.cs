namespace Jarvis.Gateway.Health;

/// <summary>
/// Puts together what the services say of what they depend on. A part that was heard of once is not forgotten when all who use it are silent, as while they are started
/// anew, and is afterwards in the state in which it was before for as long as it was.
/// </summary>
internal sealed class PartsOfAll(StateMemory memory)
{
    // Only touched by the one round that runs at a time.
    private readonly Dictionary<string, PartHealth> _known = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, PartHealth> Of(IReadOnlyDictionary<string, ServiceHealth> services)
    {
        var told = services.SelectMany(service => service.Value.Checks.Where(check => check.Value.Part)
                .Select(check => (Part: check.Key, Service: service.Key, IsRequired: service.Value.Required && check.Value.Required, Check: check.Value)))
            .ToLookup(one => one.Part, StringComparer.Ordinal);
        foreach (var part in told)
        {
            memory.Forget($"unknown {part.Key}");
            var worst = part.MaxBy(one => States.Severity(one.Check.Status)).Check;
            _known[part.Key] = new PartHealth(
                worst.Status, part.Any(one => one.IsRequired), part.Max(one => one.Check.DurationMs), memory.Since($"part {part.Key}", worst.Status),
                [.. part.Select(one => one.Service).Order(StringComparer.Ordinal)], worst.Detail);
        }
        foreach (var silent in _known.Keys.Where(name => !told.Contains(name)).ToArray())
        {
            _known[silent] = _known[silent] with
            {
                Status = States.Unknown,
                LatencyMs = null,
                Since = memory.Since($"unknown {silent}", States.Unknown),
                Detail = "No service that uses it answers.",
            };
        }
        return new SortedDictionary<string, PartHealth>(_known, StringComparer.Ordinal);
    }
}
