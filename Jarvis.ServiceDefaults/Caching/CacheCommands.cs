using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.ServiceDefaults.Caching;

/// <summary>What is done to caches.</summary>
/// <param name="Name">The cache's; null for all.</param>
public sealed record CacheCommand(string? Name);

/// <summary>What every process answers about its caches.</summary>
public static class CacheCommands
{
    /// <summary>No arguments; answered with a list of <see cref="CacheStats"/>.</summary>
    public const string List = "caches";

    /// <summary><see cref="CacheCommand"/>; answered with the names of the caches that were emptied.</summary>
    public const string Clear = "caches.clear";

    internal static void AddCacheCommands(this IServiceCollection services)
    {
        services.AddControlHandler<object, IReadOnlyList<CacheStats>>(List, (provider, _, _) => Task.FromResult(Caches(provider).Stats()));
        services.AddControlHandler<CacheCommand, IReadOnlyList<string>>(Clear, (provider, command, _) => Task.FromResult(Caches(provider).Clear(command?.Name)));
    }

    private static LocalCaches Caches(IServiceProvider provider) => provider.GetRequiredService<LocalCaches>();
}
