using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Security;

/// <summary>How the services of one Jarvis know each other.</summary>
public static class ServiceKey
{
    /// <summary>Never passed on from outside: the gateway takes it off.</summary>
    public const string Header = "Jarvis-Service-Key";

    public static ClaimsPrincipal Principal { get; } = new(new CallerIdentity(Caller.Service));

    /// <summary>Compared in a time that tells nothing of the key.</summary>
    public static bool IsShown(HttpRequest request, string key) =>
        key.Length > 0 && request.Headers.TryGetValue(Header, out var shown) && shown.Count == 1
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown.ToString()), Encoding.UTF8.GetBytes(key));
}

/// <summary>Shows the key to other services of this Jarvis, which are those that configuration has an address for, and to nobody else.</summary>
public sealed class ServiceKeyHandler(IOptions<SecurityOptions> options, IConfiguration configuration) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Before service discovery has put an address in the name's place.
        if (options.Value.ServiceKey is { Length: > 0 } key && request.RequestUri is { } address && configuration.GetSection($"services:{address.Host}").Exists())
            request.Headers.TryAddWithoutValidation(ServiceKey.Header, key);
        return base.SendAsync(request, cancellationToken);
    }
}
