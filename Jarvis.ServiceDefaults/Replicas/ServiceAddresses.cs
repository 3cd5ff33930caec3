using System.Collections.Frozen;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Jarvis.ServiceDefaults.Replicas;

/// <summary>
/// Where the processes of each service are reached, as they themselves said. It is a copy of what Redis knows: without Redis it stays as it was,
/// and a lookup is one in a frozen dictionary.
/// </summary>
public sealed class ServiceAddresses(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Membership _membership = new(InstanceRegistry.Life, time);
    private volatile FrozenDictionary<string, Replica[]> _services = FrozenDictionary<string, Replica[]>.Empty;
    private volatile ConfigurationReloadToken _change = new();

    /// <summary>
    /// The processes to ask; none when <paramref name="service"/> is known to be down; null when it is to be asked at its configured address.
    /// </summary>
    public IReadOnlyList<Replica>? Of(string service) => _services.GetValueOrDefault(service);

    /// <summary>Changes once, when the processes of any service do. Take it before <see cref="Of"/>.</summary>
    public IChangeToken GetChangeToken() => _change;

    /// <summary>Nobody took a connection at <paramref name="address"/>: it is not asked until a process there says that it lives.</summary>
    public void Refused(string address) => Change(membership => membership.Refuse(address));

    /// <summary>Takes a look at the registry; null when it did not answer.</summary>
    public void Take(RegistryView? view) => Change(membership =>
    {
        if (view is null)
            membership.Miss();
        else
            membership.Take(view);
        return true;
    });

    /// <summary>A process said goodbye.</summary>
    public void Left(string instance) => Change(membership =>
    {
        membership.Leave(instance);
        return true;
    });

    private void Change(Func<Membership, bool> act)
    {
        ConfigurationReloadToken changed;
        lock (_gate)
        {
            if (!act(_membership))
                return;
            var chosen = _membership.Choose();
            if (IsSame(chosen))
                return;
            _services = chosen.ToFrozenDictionary(StringComparer.Ordinal);
            changed = _change;
            _change = new();
        }
        // Not in the request that met a dead process: whoever listens may have much to do.
        ThreadPool.UnsafeQueueUserWorkItem(static token => token.OnReload(), changed, preferLocal: false);
    }

    private bool IsSame(Dictionary<string, Replica[]> chosen) =>
        chosen.Count == _services.Count
        && chosen.All(service => _services.TryGetValue(service.Key, out var before) && before.AsSpan().SequenceEqual(service.Value));
}
