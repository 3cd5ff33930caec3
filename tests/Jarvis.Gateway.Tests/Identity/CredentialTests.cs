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
        var (secret, session) = (Secret(Key), NewId());
        var token = secret.NewRefreshToken(session);
        Assert.Matches("^jrt_[A-Za-z0-9_-]{43}\\.[A-Za-z0-9_-]{43}$", token);
        Assert.Matches("^jrt_[A-Za-z0-9_-]{43}\\.[A-Za-z0-9_-]{43}$", secret.SuccessorOf(token, session));
        Assert.NotEqual(token, secret.NewRefreshToken(session));
    }

    [Fact]
    public void RefreshToken_NamesItsFamily_AndNoneThatWasMadeUpDoes()
    {
        var (secret, session) = (Secret(Key), NewId());
        var token = secret.NewRefreshToken(session);
        Assert.Equal(session, secret.FamilyOf(token));
        Assert.Equal(session, secret.FamilyOf(secret.SuccessorOf(token, session)));
        Assert.Equal(session, secret.FamilyOf(secret.SuccessorOf("jrt_of-a-release-before", session)));
        Assert.Null(Secret(Convert.ToBase64String(new byte[32])).FamilyOf(token));
        // Another secret with the same tag, and another session's tag behind the same secret.
        Assert.Null(secret.FamilyOf(secret.NewRefreshToken(session)[..47] + token[47..]));
        Assert.Null(secret.FamilyOf(token[..47] + secret.NewRefreshToken(NewId())[47..]));
        Assert.All(Enumerable.Range(4, token.Length - 4), at =>
            Assert.Null(secret.FamilyOf($"{token[..at]}{(token[at] == 'A' ? 'B' : 'A')}{token[(at + 1)..]}")));
        Prop.ForAll(ArbMap.Default.GeneratorFor<NonNull<string>>().ToArbitrary(), text =>
            secret.FamilyOf(text.Get) is null && secret.FamilyOf("jrt_" + text.Get) is null)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Fact]
    public void Successor_IsAlwaysTheSame_AndAnotherForEachTokenAndSecret()
    {
        var (other, session) = (Convert.ToBase64String(new byte[32]), NewId());
        Prop.ForAll(ArbMap.Default.GeneratorFor<NonNull<string>>().ToArbitrary(), text =>
        {
            var successor = Secret(Key).SuccessorOf(text.Get, session);
            return successor == Secret(Key).SuccessorOf(text.Get, session) && successor != Secret(other).SuccessorOf(text.Get, session)
                && successor != Secret(Key).SuccessorOf(text.Get + "x", session)
                    && successor[4..47] != Secret(Key).Derive("invitation", text.Get);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Fact]
    public void Secret_ThatIsNotSet_IsAnotherForEachStart() =>
        Assert.NotEqual(Secret(null).SuccessorOf("jrt_x", Guid.Empty), Secret(null).SuccessorOf("jrt_x", Guid.Empty));

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

    private static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    private static ServerSecret Secret(string? key) => new(Options.Create(new AuthOptions { Secret = key }), NullLogger<ServerSecret>.Instance);
}
