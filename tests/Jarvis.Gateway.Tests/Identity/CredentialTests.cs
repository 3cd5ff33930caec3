using FsCheck;
using FsCheck.Fluent;
using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity;
using Jarvis.Gateway.SignIn;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Tests.Identity;

/// <summary>The forms of keys, tokens and cursors, and what derives from them.</summary>
public sealed class CredentialTests
{
    private static readonly string Key = Convert.ToBase64String(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    [Fact]
    public void ApiKey_HasItsPrefixAnd256Bits()
    {
        var (key, prefix) = Credentials.NewApiKey();
        Assert.Matches("^jrv_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$", key);
        Assert.Equal(prefix, key[4..12]);
        Assert.Equal(32, Credentials.Hash(key).Length);
        Assert.NotEqual(key, Credentials.NewApiKey().Key);
    }

    [Fact]
    public void RefreshToken_HasItsForm_AndSoHasItsSuccessor()
    {
        var token = Credentials.NewRefreshToken();
        Assert.Matches("^jrt_[A-Za-z0-9_-]{43}$", token);
        Assert.Matches("^jrt_[A-Za-z0-9_-]{43}$", Secret(Key).SuccessorOf(token));
    }

    [Fact]
    public void Successor_IsAlwaysTheSame_AndAnotherForEachTokenAndSecret()
    {
        var other = Convert.ToBase64String(new byte[32]);
        Prop.ForAll(ArbMap.Default.GeneratorFor<NonNull<string>>().ToArbitrary(), text =>
        {
            var successor = Secret(Key).SuccessorOf(text.Get);
            return successor == Secret(Key).SuccessorOf(text.Get) && successor != Secret(other).SuccessorOf(text.Get) && successor != Secret(Key).SuccessorOf(text.Get + "x")
                && successor[4..] != Secret(Key).Derive("invitation", text.Get);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Fact]
    public void Secret_ThatIsNotSet_IsAnotherForEachStart() => Assert.NotEqual(Secret(null).SuccessorOf("jrt_x"), Secret(null).SuccessorOf("jrt_x"));

    [Fact]
    public void CsrfToken_FollowsFromTheCookie_AndNoOtherIsValid()
    {
        var cookie = Credentials.NewSecret();
        var token = CsrfToken.Of(cookie);
        Assert.Matches("^[A-Za-z0-9_-]{43}$", token);
        Assert.True(CsrfToken.IsValid(cookie, token));
        Assert.False(CsrfToken.IsValid(cookie, null));
        Assert.False(CsrfToken.IsValid(cookie, token[..42]));
        Assert.False(CsrfToken.IsValid(Credentials.NewSecret(), token));
        Prop.ForAll(ArbMap.Default.GeneratorFor<string>().ToArbitrary(), text => !CsrfToken.IsValid(cookie, text)).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Fact]
    public void AuditCursor_ReadsWhatItWrote_AndRefusesTheRest()
    {
        var cursors = Gen.Zip(Gen.Choose(0, int.MaxValue).Select(seconds => DateTimeOffset.UnixEpoch.AddSeconds(seconds)), ArbMap.Default.GeneratorFor<Guid>());
        Prop.ForAll(cursors.ToArbitrary(), pair =>
            AuditCursor.TryParse(new AuditCursor(pair.Item1, pair.Item2).ToString(), out var cursor) && cursor == new AuditCursor(pair.Item1, pair.Item2))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
        Prop.ForAll(ArbMap.Default.GeneratorFor<NonNull<string>>().ToArbitrary(), text => !AuditCursor.TryParse(text.Get, out _) || text.Get.Length == 32)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    private static ServerSecret Secret(string? key) => new(Options.Create(new AuthOptions { Secret = key }), NullLogger<ServerSecret>.Instance);
}
