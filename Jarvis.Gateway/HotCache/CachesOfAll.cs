using Jarvis.Gateway.Services;
using Jarvis.ServiceDefaults.Caching;

namespace Jarvis.Gateway.HotCache;

/// <summary>The caches of every process of Jarvis.</summary>
internal sealed class CachesOfAll(ControlPlane control) : ICacheDirectory
{
    public async Task<CachesAnswer> StatsAsync(CancellationToken cancellationToken)
    {
        var heard = await control.AskAsync(CacheCommands.List, null, cancellationToken);
        var told = heard.Replies.Select(reply => (reply.Service, reply.Instance, Caches: reply.As<IReadOnlyList<CacheStats>>() ?? [])).ToArray();
        var caches = told.SelectMany(one => one.Caches)
            .OrderBy(cache => cache.Service, StringComparer.Ordinal).ThenBy(cache => cache.Instance, StringComparer.Ordinal).ThenBy(cache => cache.Name, StringComparer.Ordinal);
        return new(
            [.. caches],
            [.. told.Select(one => new CachesOfInstance(one.Service, one.Instance, one.Caches.Count)).OrderBy(one => one.Service, StringComparer.Ordinal).ThenBy(one => one.Instance, StringComparer.Ordinal)],
            heard.Unreachable, heard.Partial);
    }

    public async Task<ClearedAnswer> ClearAsync(string? name, CancellationToken cancellationToken)
    {
        // The gateways' last: they are filled from the others'.
        var others = await control.AskAsync(CacheCommands.Clear, new CacheCommand(name), cancellationToken, service => service != control.Service);
        var gateways = await control.AskAsync(CacheCommands.Clear, new CacheCommand(name), cancellationToken, service => service == control.Service);
        ClearedInstance[] instances =
        [
            .. others.Replies.Concat(gateways.Replies).Select(reply => new ClearedInstance(reply.Service, reply.Instance, reply.As<IReadOnlyList<string>>() ?? [])),
        ];
        IReadOnlyList<string> unreachable = [.. others.Unreachable, .. gateways.Unreachable];
        if (name is not null && unreachable.Count == 0 && instances.All(instance => instance.Cleared.Count == 0))
            throw LocalCaches.NotFound(name, (await StatsAsync(cancellationToken)).Caches.Select(cache => cache.Name)).AsException();
        return new(
            [.. instances.SelectMany(instance => instance.Cleared.Select(cache => $"{instance.Service}/{cache}")).Distinct(StringComparer.Ordinal)],
            instances, unreachable, others.Partial || gateways.Partial);
    }
}
