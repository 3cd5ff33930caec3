using FsCheck;
using FsCheck.Fluent;
using Jarvis.ServiceDefaults.Security.Tokens;

namespace Jarvis.ServiceDefaults.Tests.Security;

/// <summary>What holds of any text that comes as a token.</summary>
public sealed class TokenPropertyTests
{
    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(10_000);

    private readonly TokenRig _rig = new();

    [Fact]
    public void AnyText_IsRefusedAndThrowsNothing() => Prop.ForAll<string>(text => Fault(text ?? "") is not TokenFault.None).Check(Cases);

    [Fact]
    public void AnyPartsOfBase64_AreRefused() => Prop.ForAll<byte[], byte[], byte[]>((header, payload, signature) =>
        Fault($"{Encode(header)}.{Encode(payload)}.{Encode(signature)}") is not TokenFault.None).Check(Cases);

    [Fact]
    public void GoodToken_WithOneCharacterChanged_IsRefused()
    {
        var token = _rig.Write(_rig.Claims);
        Prop.ForAll<int, char>((at, other) =>
        {
            var changed = token.ToCharArray();
            var place = (int)((uint)at % token.Length);
            if (changed[place] == other)
                return true;
            changed[place] = other;
            return Fault(new string(changed)) is not TokenFault.None;
        }).Check(Cases);
    }

    [Fact]
    public void GoodSignature_OverAnyPayload_ThrowsNothing() => Prop.ForAll<string>(payload =>
        Fault(_rig.Forge("""{"alg":"ES256","typ":"at+jwt","kid":"k-1"}""", payload ?? "")) is not TokenFault.None).Check(Cases.WithMaxTest(2_000));

    [Fact]
    public void GoodSignature_OverAnyHeader_ThrowsNothing() => Prop.ForAll<string>(header =>
        Fault(_rig.Forge($"{{\"alg\":\"{header}\",\"kid\":\"{header}\"}}", "{}")) is not TokenFault.None).Check(Cases.WithMaxTest(2_000));

    private TokenFault Fault(string token) => _rig.FaultAsync(token).GetAwaiter().GetResult();

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes ?? []);
}
