using FsCheck;
using FsCheck.Fluent;
using Jarvis.ServiceDefaults.Redaction;

namespace Jarvis.ServiceDefaults.Tests.Redaction;

public sealed class QueryRedactionTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("?", "?")]
    [InlineData("?limit=5&offset=10", "?limit=5&offset=10")]
    [InlineData("limit=5&sort=-name", "limit=5&sort=-name")]
    [InlineData("?LIMIT=5", "?LIMIT=5")]
    [InlineData("?raw", "?raw")]
    [InlineData("?token=abc", "?token=REDACTED")]
    [InlineData("?limit=5&token=abc&sort=name", "?limit=5&token=REDACTED&sort=name")]
    [InlineData("?ticket=&limit=5", "?ticket=&limit=5")]
    [InlineData("?q=what+I+look+for", "?q=REDACTED")]
    [InlineData("?code=4%2F0Ab&state=x", "?code=REDACTED&state=REDACTED")]
    [InlineData("?%74oken=abc", "?%74oken=REDACTED")]
    [InlineData("?token=a=b=c", "?token=REDACTED")]
    [InlineData("?just-a-secret", "?REDACTED")]
    [InlineData("?two words=x", "?REDACTED=REDACTED")]
    [InlineData("?&&limit=1", "?&&limit=1")]
    [InlineData("?*", "?*")]
    public void Query_AnyParameters_KeepsOnlyThoseThatAreRecorded(string query, string recorded) => Assert.Equal(recorded, QueryRedaction.Query(query));

    [Theory]
    [MemberData(nameof(Secrets.Each), MemberType = typeof(Secrets))]
    public void Query_SecretAnywhere_IsHidden(string secret)
    {
        string[] queries =
        [
            $"?token={secret}", $"?{secret}", $"?{secret}=", $"?{secret}=1", $"?limit={secret}", $"?limit=5&cursor={secret}", $"?name=x%20{secret}", $"?name={Uri.HexEscape(secret[0])}{secret[1..]}",
            $"?limit=1&limit={secret}&", $"?a=b={secret}",
        ];
        Assert.All(queries, query => Assert.DoesNotContain(secret[1..], QueryRedaction.Query(query), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://localhost:8000/api/v2/agents", "http://localhost:8000/api/v2/agents")]
    [InlineData("/api/v2/agents?limit=5", "/api/v2/agents?limit=5")]
    [InlineData("http://localhost/setup?token=abc", "http://localhost/setup?token=REDACTED")]
    [InlineData("http://localhost/setup#token=abc", "http://localhost/setup#token=REDACTED")]
    [InlineData("http://localhost/setup?limit=5&x=1#token=abc", "http://localhost/setup?limit=5&x=REDACTED#token=REDACTED")]
    [InlineData("http://localhost/docs#agents", "http://localhost/docs#agents")]
    [InlineData("https://ada:hunter2@n8n.example/webhook/echo", "https://REDACTED@n8n.example/webhook/echo")]
    [InlineData("http://n8n/webhook/echo?*", "http://n8n/webhook/echo?*")]
    public void Url_AnyAddress_KeepsItsPath(string url, string recorded) => Assert.Equal(recorded, QueryRedaction.Url(url));

    [Theory]
    [MemberData(nameof(Secrets.Each), MemberType = typeof(Secrets))]
    public void Url_SecretInItsPath_IsHidden(string secret) =>
        Assert.Equal("/api/v2/REDACTED/x", QueryRedaction.Url($"/api/v2/{secret}/x"));

    [Fact]
    public void Query_OfAnyText_IsTheSameAgain() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), query => QueryRedaction.Query(query ?? "") is var once && QueryRedaction.Query(once) == once).QuickCheckThrowOnFailure();

    [Fact]
    public void Query_OfAnyText_HasNoValueOfATokenInIt() =>
        Prop.ForAll(ArbMap.Default.ArbFor<Guid>(), ArbMap.Default.ArbFor<string?>(), (value, around) =>
            !QueryRedaction.Query($"?token={value:N}{around}").Contains($"{value:N}", StringComparison.Ordinal)).QuickCheckThrowOnFailure();
}
