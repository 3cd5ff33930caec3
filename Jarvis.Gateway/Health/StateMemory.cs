using System.Collections.Concurrent;

namespace Jarvis.Gateway.Health;

/// <summary>Since when each thing is in the state in which it was seen last.</summary>
internal sealed class StateMemory(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (string Status, DateTimeOffset Since)> _states = new(StringComparer.Ordinal);

    public DateTimeOffset Since(string name, string status)
    {
        var now = time.GetUtcNow();
        return _states.AddOrUpdate(name, (status, now), (_, before) => before.Status == status ? before : (status, now)).Since;
    }

    public void Forget(string name) => _states.TryRemove(name, out _);

    /// <summary>Somebody saw it in this state before.</summary>
    public void Correct(string name, string status, DateTimeOffset since) => _states[name] = (status, since);
}
