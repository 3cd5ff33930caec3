using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>
/// The pipeline of clients that bring none of their own: retries of what is safe to repeat, time limits, and a circuit for each destination, so that one that is down
/// does not keep the others from being asked.
/// </summary>
internal static class DestinationCircuits
{
    /// <summary>Before a destination in the name of its circuit, such as <c>http:catalog</c>.</summary>
    public const string Prefix = "http:";

    public static void AddDestinationCircuits(this IHttpClientBuilder http) =>
        http.AddResilienceHandler("destination", static (pipeline, context) =>
        {
            var options = new HttpStandardResilienceOptions();
            // What changes something is sent once here; who may repeat a write says so in a pipeline of its own.
            options.Retry.DisableForUnsafeHttpMethods();
            // Neighbours are on the same machine or next to it: one that is down is told to the caller soon.
            options.Retry.Delay = TimeSpan.FromMilliseconds(200);
            context.ServiceProvider.GetRequiredService<CircuitRegistry>().Watch($"{Prefix}{context.InstanceName}", options.CircuitBreaker);
            pipeline.AddRateLimiter(options.RateLimiter).AddTimeout(options.TotalRequestTimeout).AddRetry(options.Retry)
                .AddCircuitBreaker(options.CircuitBreaker).AddTimeout(options.AttemptTimeout);
        }).SelectPipelineBy(provider => provider.GetRequiredService<Destinations>().Of);

    /// <summary>Names whom a request is for, before service discovery puts an address in the name's place.</summary>
    internal sealed class Destinations
    {
        // Many times what is configured; a client that is led to ever new places must not fill the memory.
        internal const int MaxNames = 64;
        internal const string Others = "others";

        private readonly ConcurrentDictionary<string, bool> _names = new(StringComparer.OrdinalIgnoreCase);

        public string Of(HttpRequestMessage request)
        {
            if (request.RequestUri is not { IsAbsoluteUri: true } address)
                return Others;
            var name = address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}";
            if (_names.ContainsKey(name))
                return name;
            return _names.Count < MaxNames && _names.TryAdd(name, true) ? name : Others;
        }
    }
}
