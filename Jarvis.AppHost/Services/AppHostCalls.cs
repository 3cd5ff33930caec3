using Jarvis.AppHost.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.AppHost.Services;

/// <summary>What the app host itself asks of the services: it shows the key that it gave them, and has a correlation ID of its own, so that the spans tell who asked.</summary>
static class AppHostCalls
{
    // As Jarvis.ServiceDefaults has them, which the app model does not refer to.
    const string ServiceKeyHeader = "Jarvis-Service-Key";
    const string CorrelationHeader = "X-Correlation-ID";

    /// <summary>The name of the client that the dashboard's commands use.</summary>
    public const string ClientName = "jarvis";

    /// <summary>A client that goes straight to a service: a proxy of the environment would see the key.</summary>
    public static HttpClient CreateClient(Uri service) => new(CreateHandler()) { BaseAddress = service };

    /// <summary>Registers the client called <see cref="ClientName"/>.</summary>
    public static void AddAppHostCalls(this IServiceCollection services) =>
        services.AddHttpClient(ClientName).ConfigurePrimaryHttpMessageHandler(CreateHandler);

    static SocketsHttpHandler CreateHandler() => new() { UseProxy = false, AllowAutoRedirect = false };

    /// <summary>Adds the key and the correlation ID.</summary>
    /// <param name="purpose">A word for what is asked, which the correlation ID begins with: <c>apphost-reload-…</c>.</param>
    public static void Sign(HttpRequestMessage request, Secrets secrets, string purpose, TimeProvider time)
    {
        request.Headers.Add(ServiceKeyHeader, secrets.ServiceKey);
        request.Headers.Add(CorrelationHeader, $"apphost-{purpose}-{Guid.CreateVersion7(time.GetUtcNow()):N}");
    }
}
