using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Tests.Security;

/// <summary>A key, a clock that the test sets, and the verifier over them.</summary>
internal sealed class TokenRig : TimeProvider, IVerificationKeys
{
    public const string KeyId = "k-1";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly VerificationKey _verification;

    public TokenRig()
    {
        _verification = new(KeyId, ECDsa.Create(_key.ExportParameters(includePrivateParameters: false)));
        var options = Options.Create(new SecurityOptions { MaxVerifiedTokens = 10 });
        Callers = new(options, this);
        Revoked = new(Callers, this);
        Verifier = new(this, Callers, Revoked, [], options, this);
    }

    public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public VerifiedCallers Callers { get; }

    public Revoked Revoked { get; }

    public TokenVerifier Verifier { get; }

    /// <summary>How often a key was asked for, which is how often a signature was checked.</summary>
    public int Checked { get; private set; }

    public TokenClaims Claims => new(new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8]), CallerKind.User, Role.Operator, [Scopes.Run], Now, Now.AddMinutes(15));

    public override DateTimeOffset GetUtcNow() => Now;

    public ValueTask<VerificationKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        Checked++;
        return new(keyId == KeyId ? _verification : null);
    }

    public string Write(TokenClaims claims, string issuer = "jarvis", string audience = "jarvis", string keyId = KeyId) => AccessTokens.Write(claims, issuer, audience, keyId, _key);

    /// <summary>A token of any header and payload, with a good signature.</summary>
    public string Forge(string header, string payload)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
    }

    public async Task<TokenFault> FaultAsync(string token) => (await Verifier.VerifyAsync(token, CancellationToken.None)).Fault;
}
