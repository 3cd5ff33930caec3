using System.Security.Cryptography;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;

namespace Jarvis.ServiceDefaults.Tests.Security;

public sealed class TokenTests
{
    private const string Header = """{"alg":"ES256","typ":"at+jwt","kid":"k-1"}""";

    private readonly TokenRig _rig = new();

    private string Payload => $$"""
        {"iss":"jarvis","aud":["other","jarvis"],"sub":"{{_rig.Claims.Subject}}","sid":"{{_rig.Claims.Session}}","role":"viewer","iat":{{_rig.Now.ToUnixTimeSeconds()}},"exp":{{_rig.Now.ToUnixTimeSeconds() + 60}}}
        """;

    [Fact]
    public async Task Token_OfOurs_IsItsCaller()
    {
        var (verified, fault) = await _rig.Verifier.VerifyAsync(_rig.Write(_rig.Claims), CancellationToken.None);
        Assert.Equal(TokenFault.None, fault);
        Assert.Equal((_rig.Claims.Subject, _rig.Claims.Session, Role.Operator, _rig.Now), (verified!.Caller.AccountId, verified.Caller.SessionId, verified.Caller.Role!.Value, verified.Caller.IssuedAt));
        Assert.True(verified.Principal.Identity!.IsAuthenticated);
        Assert.Equal([Scopes.Run], verified.Caller.Scopes);
    }

    [Fact]
    public async Task Token_IsCheckedOnce_AndAgainWhenItWasDropped()
    {
        var token = _rig.Write(_rig.Claims);
        await _rig.FaultAsync(token);
        await _rig.FaultAsync(token);
        Assert.Equal(1, _rig.Checked);
        _rig.Callers.Clear();
        Assert.Equal(TokenFault.None, await _rig.FaultAsync(token));
        Assert.Equal(2, _rig.Checked);
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"at+jwt","kid":"k-1"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"HS256","typ":"at+jwt","kid":"k-1"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"es256","typ":"at+jwt","kid":"k-1"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"ES256","typ":"JWT","kid":"k-1"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","kid":"k-1","crit":["b64"],"b64":false}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":["ES256"],"typ":"at+jwt","kid":"k-1"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"ES256","alg":"ES256","typ":"at+jwt","kid":"k-1"}""", TokenFault.Malformed)]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","kid":"other"}""", TokenFault.UnknownKey)]
    [InlineData("""{"alg":"ES256","typ":"at+jwt"}""", TokenFault.UnknownKey)]
    [InlineData("\"ES256\"", TokenFault.Malformed)]
    [InlineData("nonsense", TokenFault.Malformed)]
    public async Task Header_OfAnotherKind_IsRefusedWithAGoodSignature(string header, TokenFault fault) =>
        Assert.Equal(fault, await _rig.FaultAsync(_rig.Forge(header, Payload)));

    [Theory]
    [InlineData("\"iss\":\"jarvis\"", "\"iss\":\"evil\"", TokenFault.Issuer)]
    [InlineData("\"iss\":\"jarvis\",", "", TokenFault.Issuer)]
    [InlineData("[\"other\",\"jarvis\"]", "\"other\"", TokenFault.Audience)]
    [InlineData("[\"other\",\"jarvis\"]", "[[\"jarvis\"]]", TokenFault.Audience)]
    [InlineData("\"role\":\"viewer\"", "\"role\":\"root\"", TokenFault.Claims)]
    [InlineData("\"role\":\"viewer\"", "\"role\":3", TokenFault.Claims)]
    [InlineData("\"sub\":\"0", "\"sub\":\"x", TokenFault.Claims)]
    [InlineData("\"exp\":", "\"exp\":-", TokenFault.Claims)]
    [InlineData("\"exp\":", "\"exp\":9999999", TokenFault.Claims)]
    [InlineData("\"iat\":", "\"iat\":true,\"x\":", TokenFault.Claims)]
    [InlineData("\"iss\"", "\"nbf\":32000000000,\"iss\"", TokenFault.NotYetValid)]
    [InlineData("\"iss\"", "\"iss\":\"jarvis\",\"iss\"", TokenFault.Malformed)]
    [InlineData("{", "[", TokenFault.Malformed)]
    public async Task Claims_ThatAreWrong_AreRefusedWithAGoodSignature(string from, string to, TokenFault fault) =>
        Assert.Equal(fault, await _rig.FaultAsync(_rig.Forge(Header, Payload.Replace(from, to, StringComparison.Ordinal))));

    [Fact]
    public async Task Payload_AsTheTestsHaveIt_IsGood() => Assert.Equal(TokenFault.None, await _rig.FaultAsync(_rig.Forge(Header, Payload)));

    [Fact]
    public async Task Token_SignedWithAnotherKey_IsRefused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(TokenFault.Signature, await _rig.FaultAsync(AccessTokens.Write(_rig.Claims, "jarvis", "jarvis", TokenRig.KeyId, other)));
    }

    [Theory]
    [InlineData(15 * 60 + 29, TokenFault.None)]
    [InlineData(15 * 60 + 30, TokenFault.Expired)]
    [InlineData(-30, TokenFault.None)]
    [InlineData(-31, TokenFault.NotYetValid)]
    public async Task Clock_MayDifferByTheSkew(int seconds, TokenFault fault)
    {
        var token = _rig.Write(_rig.Claims);
        _rig.Now = _rig.Now.AddSeconds(seconds);
        Assert.Equal(fault, await _rig.FaultAsync(token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Revocation_EndsATokenThatWasCheckedBefore_AndNotOneOfLater(bool account)
    {
        var token = _rig.Write(_rig.Claims);
        await _rig.FaultAsync(token);
        _rig.Now = _rig.Now.AddMilliseconds(200);
        _rig.Revoked.Add(account ? new(_rig.Claims.Subject, null, _rig.Now) : new(null, _rig.Claims.Session, _rig.Now));
        Assert.Equal(TokenFault.Revoked, await _rig.FaultAsync(token));
        _rig.Now = _rig.Now.AddMilliseconds(200);
        // In the same second: a new sign-in holds.
        var later = _rig.Claims with { Session = new Guid(3, 0, 0, new byte[8]) };
        Assert.Equal(TokenFault.None, await _rig.FaultAsync(_rig.Write(later)));
    }

    [Fact]
    public async Task Callers_AreBounded()
    {
        for (var i = 0; i < 50; i++)
            await _rig.FaultAsync(_rig.Write(_rig.Claims with { Session = new Guid(i, 0, 0, new byte[8]) }));
        Assert.InRange(_rig.Callers.Stats("test").Entries, 1, 10);
    }
}
