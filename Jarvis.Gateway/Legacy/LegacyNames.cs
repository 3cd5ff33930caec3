using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Legacy;

/// <summary>Serves the unversioned paths of the old backend as the v2 paths that they are called today, from the cache to the service.</summary>
internal sealed class LegacyNames(RequestDelegate next, IOptions<LegacyOptions> options)
{
    private readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _names =
        options.Value.Names.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.Value is { } path && !path.StartsWith("/api/v2/", StringComparison.OrdinalIgnoreCase) && Current(path) is { } current)
            context.Request.Path = current;
        return next(context);
    }

    internal string? Current(ReadOnlySpan<char> path)
    {
        for (var end = path.Length; end > 1; end = path[..end].LastIndexOf('/'))
        {
            if (_names.TryGetValue(path[..end], out var current))
                return string.Concat(current, path[end..]);
        }
        return null;
    }
}
