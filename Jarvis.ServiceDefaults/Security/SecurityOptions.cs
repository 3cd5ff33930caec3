using System.ComponentModel.DataAnnotations;

namespace Jarvis.ServiceDefaults.Security;

/// <summary>How callers are known; section <c>Security</c>, the same for every process.</summary>
public sealed record SecurityOptions
{
    /// <summary>The <c>iss</c> that access tokens must have.</summary>
    [Required]
    public string Issuer { get; init; } = "jarvis";

    /// <summary>The <c>aud</c> that access tokens must have.</summary>
    [Required]
    public string Audience { get; init; } = "jarvis";

    /// <summary>Seconds by which the clocks of two machines may differ.</summary>
    [Range(0, 30)]
    public int ClockSkewSeconds { get; init; } = 30;

    /// <summary>Where the gateway serves its public keys (JWKS).</summary>
    [Required]
    public Uri KeysAddress { get; init; } = new("http://gateway/.well-known/jwks.json");

    /// <summary>What services show each other; the AppHost makes a new one at each start. Empty: no service is known.</summary>
    public string ServiceKey { get; init; } = "";

    /// <summary>Tokens whose signature was checked and that are remembered, so that each is checked once.</summary>
    [Range(0, 1_000_000)]
    public int MaxVerifiedTokens { get; init; } = 20_000;
}
