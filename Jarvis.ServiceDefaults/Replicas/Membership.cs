namespace Jarvis.ServiceDefaults.Replicas;

/// <summary>
/// Which processes are to be asked, from what the registry and failed connections told. A process that said goodbye, or that refuses a
/// connection, is out at once; one that the registry merely no longer knows (it died, or Redis lost its memory) is asked only when its service
/// has no other, and for as long as a process may be silent. Not thread-safe.
/// </summary>
internal sealed class Membership(TimeSpan life, TimeProvider time)
{
    // Many times what one Jarvis has: what is not bounded in Redis is here.
    private const int MaxNames = 1_024;

    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _left = new(StringComparer.Ordinal);
    private readonly HashSet<string> _announcing = new(StringComparer.Ordinal);
    private HashSet<string> _unplaced = new(StringComparer.Ordinal);
    private bool _isCurrent;

    /// <summary>Takes what the registry says.</summary>
    public void Take(RegistryView view)
    {
        _isCurrent = true;
        _announcing.UnionWith(view.Announcing.Take(MaxNames - Math.Min(MaxNames, _announcing.Count)));
        foreach (var goodbye in _left.Where(one => time.GetElapsedTime(one.Value) > life).Select(one => one.Key).ToArray())
            _left.Remove(goodbye);
        var alive = view.Processes.Where(process => !_left.ContainsKey(process.Instance)).ToArray();
        foreach (var process in alive.Where(process => process.Address is not null))
        {
            if (_announcing.Count < MaxNames)
                _announcing.Add(process.Service);
            var member = _members.GetValueOrDefault(process.Instance);
            // It has spoken since it refused a connection: it is there, or there again.
            var refused = member?.RefusedAt is { } at && process.Age >= time.GetElapsedTime(at, view.AskedAt) ? member.RefusedAt : null;
            _members[process.Instance] =
                new(process.Service, new(process.Instance, process.Address!), process.StartedAt, AbsentSince: null, refused);
        }
        _unplaced = alive.Where(process => process.Address is null).Select(process => process.Service).ToHashSet(StringComparer.Ordinal);
        var present = alive.Select(process => process.Instance).ToHashSet(StringComparer.Ordinal);
        foreach (var (instance, member) in _members.Where(member => !present.Contains(member.Key)).ToArray())
        {
            if (member.RefusedAt is not null || (member.AbsentSince is { } since && time.GetElapsedTime(since) >= life))
                _members.Remove(instance);
            else if (member.AbsentSince is null)
                _members[instance] = member with { AbsentSince = view.AskedAt };
        }
    }

    /// <summary>Takes that the registry did not answer: all stay as they were, and who refused is tried again after a while.</summary>
    public void Miss()
    {
        _isCurrent = false;
        foreach (var (instance, member) in _members.ToArray())
        {
            _members[instance] = member with
            {
                AbsentSince = member.AbsentSince is null ? null : time.GetTimestamp(),
                RefusedAt = member.RefusedAt is { } at && time.GetElapsedTime(at) < life ? at : null,
            };
        }
    }

    /// <summary>Takes that a process said goodbye.</summary>
    public void Leave(string instance)
    {
        _members.Remove(instance);
        if (_left.Count < MaxNames)
            _left[instance] = time.GetTimestamp();
    }

    /// <summary>Takes that nobody took a connection at <paramref name="address"/>.</summary>
    /// <returns>Whether a process was said to be there.</returns>
    public bool Refuse(string address)
    {
        var there = _members.Where(member => member.Value.Replica.Address == address).ToArray();
        foreach (var (instance, member) in there)
            _members[instance] = member with { RefusedAt = time.GetTimestamp() };
        return there.Length > 0;
    }

    /// <summary>
    /// The processes to ask, by service. A service that is not in it is asked at its configured address: none of its processes tells an
    /// address, or none that did can be relied on. One without processes is down.
    /// </summary>
    public Dictionary<string, Replica[]> Choose()
    {
        var members = _members.Values.ToLookup(member => member.Service, StringComparer.Ordinal);
        var chosen = new Dictionary<string, Replica[]>(StringComparer.Ordinal);
        foreach (var service in _announcing)
        {
            var all = members[service].OrderByDescending(member => member.StartedAt)
                .ThenBy(member => member.Replica.Instance, StringComparer.Ordinal).ToArray();
            var good = all.Where(member => member is { AbsentSince: null, RefusedAt: null }).ToArray();
            if (good.Length == 0 && (!_isCurrent || _unplaced.Contains(service)))
            {
                // Somebody may be there under the configured address all the same.
                good = _isCurrent ? [] : [.. all.Where(member => member.RefusedAt is null)];
                if (good.Length == 0)
                    continue;
            }
            if (good.Length == 0)
                good = [.. all.Where(member => member.AbsentSince is null)];
            if (good.Length == 0)
                good = [.. all.Where(member => member.RefusedAt is null)];
            // A process that took over another one's address is one with it.
            chosen[service] = [.. good.Select(member => member.Replica).DistinctBy(replica => replica.Address, StringComparer.Ordinal)
                .OrderBy(replica => replica.Instance, StringComparer.Ordinal)];
        }
        return chosen;
    }

    private sealed record Member(string Service, Replica Replica, DateTimeOffset StartedAt, long? AbsentSince, long? RefusedAt);
}
