using Jarvis.ServiceDefaults.Redaction;

namespace Jarvis.ServiceDefaults.Tests.Redaction;

public sealed class TextRedactionTests
{
    [Theory]
    [InlineData("Request starting HTTP/1.1 GET http://localhost:8000/setup?token=abc - - -", "Request starting HTTP/1.1 GET http://localhost:8000/setup?token=REDACTED - - -")]
    [InlineData("?ticket=abc", "?ticket=REDACTED")]
    [InlineData("GET http://localhost:8000/ws?just-a-secret - -", "GET http://localhost:8000/ws?REDACTED - -")]
    [InlineData("see http://x/y#token=abc", "see http://x/y#token=REDACTED")]
    [InlineData("Authorization: Bearer abc\nnext", "Authorization: REDACTED\nnext")]
    [InlineData("Cookie: __Host-jarvis=abc; theme=dark", "Cookie: REDACTED")]
    [InlineData("""{"email": "ada@example.com", "password": "hunter2"}""", """{"email": "ada@example.com", "password": "REDACTED"}""")]
    [InlineData("""the body was "{\"token\":\"abc\"}" then""", """the body was "{\"token\":\"REDACTED\"}" then""")]
    [InlineData("Host=db;Username=jarvis;Password=hunter2;Database=x", "Host=db;Username=jarvis;Password=REDACTED;Database=x")]
    [InlineData("redis://:hunter2@localhost:6379 is gone", "redis://REDACTED@localhost:6379 is gone")]
    public void Redact_SecretByItsName_IsHidden(string text, string shown) => Assert.Equal(shown, TextRedaction.Redact(text));

    [Theory]
    [MemberData(nameof(Secrets.Each), MemberType = typeof(Secrets))]
    public void Redact_SecretByItsLooks_IsHidden(string secret)
    {
        string[] texts = [secret, $"The key '{secret}' is not good.", $"/api/v2/agents/{secret}", $"x={secret};", $"\"{secret}\"", $"Bearer {secret}", $"({secret})"];
        Assert.All(texts, text => Assert.DoesNotContain(secret, TextRedaction.Redact(text), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET /api/v2/agents/{id}")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)")]
    [InlineData("Basic authentication is not offered here.")]
    [InlineData("The set-up token is wrong. The AppHost prints a link with the right one at start.")]
    [InlineData("max_tokens=5, input_tokens=17")]
    [InlineData("00-4bf92f3577b34da6a2ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("req-0198f2c47d1a7c3e9b5fd2a6e8c01b47")]
    [InlineData("0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47")]
    [InlineData("sha256:3f9ac01d5e6b7a8f9e0d1c2b3a4f5e6d7c8b9a0f1e2d3c4b5a6f7e8d9c0b1a2f")]
    [InlineData("   at Jarvis.Gateway.Identity.Registration.InvitationsApi.AddAsync(JsonElement json, HttpContext context) in InvitationsApi.cs:line 58")]
    [InlineData("Is it there? Yes = good")]
    [InlineData("http://localhost:8000/docs#agents and http://localhost:8000/api/v2/agents?limit=5&sort=-name")]
    public void Redact_TextWithoutASecret_IsTheSameText(string text) => Assert.Same(text, TextRedaction.Redact(text));

    [Theory]
    [InlineData("SELECT id FROM identity.refresh_token WHERE token = $1 AND hash = $2")]
    [InlineData("UPDATE identity.account SET password_hash = excluded.password_hash /*correlation_id='demo-0001'*/")]
    public void Statement_WithParameters_IsTheSameText(string sql) => Assert.Same(sql, TextRedaction.Statement(sql));

    [Theory]
    [InlineData("ALTER ROLE jarvis PASSWORD 'hunter2'", "ALTER ROLE jarvis PASSWORD 'REDACTED'")]
    [InlineData("SELECT 1 FROM key WHERE token = 'abc' AND name = 'x'", "SELECT 1 FROM key WHERE token = 'REDACTED' AND name = 'x'")]
    public void Statement_WithASecretInIt_HidesIt(string sql, string shown) => Assert.Equal(shown, TextRedaction.Statement(sql));
}
