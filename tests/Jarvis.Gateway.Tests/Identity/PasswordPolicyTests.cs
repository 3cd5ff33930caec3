using FsCheck;
using FsCheck.Fluent;
using Jarvis.Gateway.Identity.Passwords;

namespace Jarvis.Gateway.Tests.Identity;

public sealed class PasswordPolicyTests
{
    private static readonly CommonPasswords Common = new();
    private static readonly PasswordPolicy Policy = new(Common);

    [Theory]
    [InlineData("tram opposite violet kettle")]
    [InlineData("x7#Kq!9vLm2$")]
    [InlineData("漢字仮名交文与数字犬猫鳥")]
    [InlineData("🐢🦊🐝🌵🚲🎻🧀🪁⛵🍋🧭🎈")]
    [InlineData("jarvis is not my only concern")]
    [InlineData("ada and her difference engine")]
    public void Password_ThatIsHardToGuess_IsTaken(string password) => Assert.Empty(Policy.Problems(password, "ada@example.com", "Ada Lovelace"));

    [Theory]
    [InlineData("")]
    [InlineData("elevenchars")]
    [InlineData("🐢🦊🐝🌵🚲🎻🧀🪁⛵🍋🧭")]
    public void Password_OfFewerThanTwelveCodePoints_IsRefused(string password) => Assert.NotEmpty(Policy.Problems(password, null, null));

    [Fact]
    public void Password_OfMoreThan128CodePoints_IsRefused()
    {
        var password = string.Concat(Enumerable.Range(0, 33).Select(i => $"{(char)('a' + (i % 26))}{(char)('z' - (i * 7 % 26))}{i % 10}-"));
        Assert.Empty(Policy.Problems(password[..128], null, null));
        Assert.NotEmpty(Policy.Problems(password[..129], null, null));
    }

    [Theory]
    [InlineData("password1234")]
    [InlineData("P@$$w0rd2026!")]
    [InlineData("123password123")]
    [InlineData("Summer2025!!")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("correct horse battery staple")]
    [InlineData("CorrectHorseBatteryStaple1")]
    [InlineData("ADMINISTRATOR")]
    [InlineData("qwertyuiop123")]
    public void Password_OfTheList_IsRefusedInItsVariants(string password) => Assert.NotEmpty(Policy.Problems(password, null, null));

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("abababababababab")]
    [InlineData("xyzzyxyzzyxyzzy")]
    [InlineData("abcdefghijklmnop")]
    [InlineData("01234567890123456789")]
    [InlineData("zyxwvutsrqponmlk")]
    public void Password_ThatRepeatsOrCounts_IsRefused(string password) => Assert.NotEmpty(Policy.Problems(password, null, null));

    [Theory]
    [InlineData("ada.lovelace@example.com", null, "ada.lovelace@example.com")]
    [InlineData("ada.lovelace@example.com", null, "Ada.Lovelace2026")]
    [InlineData("ada.lovelace@example.com", null, "4d4.l0v3l4c3!")]
    [InlineData("x@example.com", "Ada Lovelace", "ada lovelace1815")]
    [InlineData("x@example.com", null, "jarvisjarvis")]
    [InlineData("x@example.com", null, "Jarvis!Jarvis1")]
    [InlineData("x@example.com", null, "JARVIS-12345")]
    public void Password_MadeOfWhatIsKnown_IsRefused(string email, string? name, string password) => Assert.NotEmpty(Policy.Problems(password, email, name));

    [Fact]
    public void List_IsThere() => Assert.True(Common.Count >= 1_000);

    [Fact]
    public void Problems_OfAnyText_NeverThrow()
    {
        var texts = ArbMap.Default.GeneratorFor<string>().Select(text => text ?? "");
        Prop.ForAll(Gen.Zip(texts, texts).ToArbitrary(), pair => Policy.Problems(pair.Item1, pair.Item2, pair.Item1).All(problem => problem.Length > 0)).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }
}
