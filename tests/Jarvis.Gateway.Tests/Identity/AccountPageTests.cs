using System.Text.RegularExpressions;

namespace Jarvis.Gateway.Tests.Identity;

public sealed partial class AccountPageTests
{
    [Fact]
    public async Task Script_TakesTheTokenFromTheFragment_BeforeAllElse()
    {
        var script = Script().Match(await PageAsync()).Groups["script"].Value;
        var taken = script.IndexOf("token = takeToken()", StringComparison.Ordinal);
        Assert.InRange(taken, 0, script.IndexOf("fetch(", StringComparison.Ordinal));
        Assert.Contains("location.hash", script, StringComparison.Ordinal);
        Assert.Contains("history.replaceState(null, \"\", location.pathname)", script, StringComparison.Ordinal);
        Assert.Contains("addEventListener(\"hashchange\"", script, StringComparison.Ordinal);
        Assert.DoesNotContain("?token", script, StringComparison.Ordinal);
    }

    private static async Task<string> PageAsync()
    {
        await using var stream = typeof(GatewayApp).Assembly.GetManifestResourceStream("account.html")!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex("<script>(?<script>.*)</script>", RegexOptions.Singleline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Script();
}
