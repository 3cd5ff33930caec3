using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Jarvis.Gateway.Front;

/// <summary>Whom the front door serves; section <c>Gateway</c>.</summary>
public sealed record FrontOptions : IValidatableObject
{
    /// <summary>
    /// Host names under which Jarvis is called, besides those of the loopback. Others are refused: a web page that points its own name at this machine (DNS rebinding)
    /// shall not reach it.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins of browser pages besides Jarvis' own that may read and change things with their user's sign-in, such as <c>https://dash.example.com</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>
    /// Addresses, or networks such as <c>10.0.0.0/8</c>, of the proxies in front of Jarvis: who the client is and how it came is taken from their <c>X-Forwarded-*</c>,
    /// and from nobody else's.
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Paths, as route templates, that take a body with <c>Content-Encoding</c>; on others it is refused.</summary>
    public IReadOnlyList<string> EncodedBodyPaths { get; init; } = [];

    /// <summary>Paths below which answers are never compressed: next to what a caller sent, the length of a compressed secret tells of it (BREACH).</summary>
    public IReadOnlyList<string> UncompressedPaths { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var origin in AllowedOrigins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || !string.Equals(uri.GetLeftPart(UriPartial.Authority), origin, StringComparison.OrdinalIgnoreCase))
                yield return new ValidationResult($"Gateway:AllowedOrigins: '{origin}' must be scheme and host, such as https://dash.example.com, with no path and never a wildcard.", [nameof(AllowedOrigins)]);
        }
        foreach (var proxy in TrustedProxies)
        {
            if (!IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _))
                yield return new ValidationResult($"Gateway:TrustedProxies: '{proxy}' must be an address or a network such as 10.0.0.0/8.", [nameof(TrustedProxies)]);
        }
        foreach (var path in EncodedBodyPaths.Concat(UncompressedPaths))
        {
            if (path is not ['/', ..])
                yield return new ValidationResult($"Gateway: '{path}' must be a path that begins with a slash.", [nameof(EncodedBodyPaths), nameof(UncompressedPaths)]);
        }
    }
}
