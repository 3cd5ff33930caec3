using Jarvis.ServiceDefaults.Redaction;

namespace Jarvis.ServiceDefaults.Tests.Redaction;

public sealed class AttributeRedactionTests
{
    private readonly AttributeRedaction _rules = new(recordPrompts: false);

    [Theory]
    [InlineData("http.request.header.authorization")]
    [InlineData("http.request.header.cookie")]
    [InlineData("http.request.header.x_api_key")]
    [InlineData("http.request.header.x-whatever-else")]
    [InlineData("http.response.header.set-cookie")]
    [InlineData("rpc.grpc.request.metadata.authorization")]
    [InlineData("http.request.body.content")]
    [InlineData("db.query.parameter.0")]
    [InlineData("user.password")]
    [InlineData("userPassword")]
    [InlineData("apiKey")]
    [InlineData("APIKEY")]
    [InlineData("n8n.api_key")]
    [InlineData("access_token")]
    [InlineData("ws.ticket")]
    [InlineData("client_secret")]
    [InlineData("gen_ai.input.messages")]
    [InlineData("gen_ai.prompt.0.content")]
    public void KindOf_CredentialBodyOrPrompt_IsHidden(string key) => Assert.Equal(AttributeKind.Hidden, _rules.RuleOf(key).Kind);

    [Theory]
    [InlineData("url.query", AttributeKind.Query)]
    [InlineData("url.full", AttributeKind.Url)]
    [InlineData("http.url", AttributeKind.Url)]
    [InlineData("http.target", AttributeKind.Url)]
    [InlineData("http.request.header.referer", AttributeKind.Url)]
    [InlineData("http.request.header.content_type", AttributeKind.Url)]
    [InlineData("db.query.text", AttributeKind.Statement)]
    [InlineData("correlation.id", AttributeKind.Plain)]
    [InlineData("url.path", AttributeKind.Text)]
    [InlineData("gen_ai.usage.input_tokens", AttributeKind.Text)]
    [InlineData("gen_ai.token.type", AttributeKind.Text)]
    [InlineData("gen_ai.request.model", AttributeKind.Text)]
    [InlineData("messaging.destination.name", AttributeKind.Text)]
    [InlineData("session.id", AttributeKind.Text)]
    public void KindOf_AnyOther_HasItsRule(string key, AttributeKind kind) => Assert.Equal(kind, _rules.RuleOf(key).Kind);

    [Fact]
    public void KindOf_PromptThatTheOperatorWants_IsRecorded() => Assert.Equal(AttributeKind.Text, new AttributeRedaction(recordPrompts: true).RuleOf("gen_ai.input.messages").Kind);

    [Fact]
    public void KindOf_MoreNamesThanAreRemembered_IsStillRight()
    {
        for (var i = 0; i < 10_000; i++)
            Assert.Equal(AttributeKind.Text, _rules.RuleOf($"made.up.{i}").Kind);
        Assert.Equal(AttributeKind.Hidden, _rules.RuleOf("late.password").Kind);
        Assert.Equal(AttributeKind.Hidden, _rules.RuleOf("late.password".AsSpan()).Kind);
    }

    [Fact]
    public void Redact_ValueOfAnyType_HidesWhatIsText()
    {
        Assert.Equal("http://x/?token=REDACTED", _rules.Redact("address", new Uri("http://x/?token=abc")));
        Assert.Equal(["?limit=1", "?token=REDACTED"], Assert.IsType<string[]>(_rules.Redact("list", (string[])["?limit=1", "?token=abc"])));
        Assert.Equal("REDACTED", _rules.Redact("password", "x"));
        Assert.Equal("REDACTED", _rules.Redact("thing", new Thing(Secrets.ApiKey)));
        Assert.Equal(5, _rules.Redact("password.length", 5));
        Assert.Null(_rules.Redact("x", null));
    }

    private sealed class Thing(string text)
    {
        public override string ToString() => text;
    }
}
