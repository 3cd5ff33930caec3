using System.Text;
using System.Text.Json;
using Jarvis.Catalog.Formats;

namespace Jarvis.Catalog.Tests;

public sealed class SecretMaskTests
{
    public static TheoryData<string> Servers() => new(
        """{"command": "npx", "env": {"X": "hunter2"}}""",
        """{"command": "npx", "env": {"PASSWORD": "hunter"}}""",
        """{"command": "npx", "env": {"SECRET": {"deep": "hunter2"}, "TOKEN": ["hunter2"]}}""",
        """{"command": "npx", "env": {"DATABASE_URL": "postgres://app:hunter2@db/x"}}""",
        """{"command": "npx", "env": {"DATABASE_URL": "postgres://app:hun/ter2@db/x"}}""",
        """{"command": "npx", "env": {"DATABASE_URL": "postgres://app:1/hunter@db/x"}}""",
        """{"command": "npx", "env": {"DATABASE_URL": "postgres://app:hun@ter2@db/x"}}""",
        """{"command": "npx", "env": {"DATABASE_URL": "${DB:-postgres://app:hunter2@db/x}"}}""",
        """{"command": "npx", "env": {"A": "${API_KEY:-hunter}", "B": "${API_KEY-hunter}", "C": "${SECRET:=hunter}"}}""",
        """{"command": "npx", "env": {"A": "x|http://hunter2"}}""",
        """{"url": "https://x.test/mcp", "headers": {"Authorization": "Bearer hunter", "X-Api-Key": "hunter2", "Cookie": "sid=hunter2"}}""",
        """{"url": "https://x.test/mcp", "headers": {"Authorization": "Basic aHVudGVyMjpodW50ZXIy"}}""",
        """{"url": "https://hunter2@x.test/mcp"}""",
        """{"url": "https://x.test/mcp?api_key=hunter&x=1"}""",
        """{"url": "https://x.test/mcp#access_token=hunter2"}""",
        """{"url": "https://x.test/token/hunter2/mcp"}""",
        """{"url": "https://x.test/s/h7u2n9t4e1r6h3u8n5t0e2r7/mcp"}""",
        """{"url": "https://x.test/mcp?profile=sk-hunter2hunter2hunter2"}""",
        """{"command": "npx", "args": ["--api-key=hunter2"]}""",
        """{"command": "mysql", "args": ["-u", "root", "-phunter2", "db"]}""",
        """{"command": "sshpass", "args": ["-p", "hunter2", "ssh", "host"]}""",
        """{"command": "sh", "args": ["-c", "mysql -u root -phunter2 db && sshpass -p hunter2 ssh host"]}""",
        """{"command": "sh", "args": ["-c", "echo hunter2 | docker login --password-stdin"]}""",
        """{"command": "npx", "args": ["--api-key", "hunter2"]}""",
        """{"command": "npx", "args": ["--password", "-Hunter2hunter"]}""",
        """{"command": "npx", "args": ["--header", "Authorization: Bearer hunter"]}""",
        """{"command": "npx", "args": ["--header", "Authorization:hunter2"]}""",
        """{"command": "npx", "args": ["--header=X-Key: hunter2"]}""",
        """{"command": "npx", "args": ["-H", "X-Anything: hunter2"]}""",
        """{"command": "docker", "args": ["run", "-e", "KEY=hunter2", "-eOTHER=hunter2", "--env=THIRD=hunter2", "-e", "FOURTH=hunter2", "image"]}""",
        """{"command": "npx", "args": ["{\"apiKey\": \"hunter\", \"nested\": {\"token\": [\"hunter2\", 5]}}"]}""",
        """{"command": "npx", "args": ["--config", "{\"password\": \"hunter2\",}"]}""",
        """{"command": "npx", "args": ["--config={\"password\": \"hunter2\"}"]}""",
        """{"command": "npx", "args": ["{'password': 'hunter2'}"]}""",
        """{"command": "bash", "args": ["-c", "export API_KEY=hunter2 && curl -H 'Authorization: Bearer hunter2' -u me:hunter2 https://a:hunter2@x.test --token hunter2"]}""",
        """{"command": "bash", "args": ["-c", "PASSWORD='hunter two' run --secret \"hunter two\""]}""",
        """{"command": "API_KEY=hunter2 npx"}""",
        """{"command": "curl", "args": ["-u", "me:hunter2"]}""",
        """{"command": "x", "args": ["Server=db;User Id=sa;Password=hunter2;Encrypt=true"]}""",
        """{"command": "x", "args": ["DefaultEndpointsProtocol=https;AccountKey=hunter2==;"]}""",
        """{"command": "x", "args": ["app:hunter2@tcp(db:3306)/x", "app:hunter2@db.test/x", "redis://:hunter2@r:6379/0"]}""",
        """{"command": "x", "args": "--token hunter2"}""",
        """{"command": ["x", "--token", "hunter2"]}""",
        """{"command": "x", "cwd": "https://a:hunter2@x.test", "description": "Use the key sk-hunter2hunter2hunter2 or https://a:hunter2@x.test or api_key=hunter2"}""",
        """{"command": "x", "type": "token=hunter2", "oauth": {"clientSecret": "hunter2"}, "unknown": "hunter2"}""",
        """{"command": "x", "env": {"sk-hunter2hunter2hunter2": "1"}, "args": ["ghp_hunter2hunter2hunter2hunter2", "eyJhunter2.eyJhunter2hunter2.hunter2"]}""",
        """{"command": "x", "args": ["7h0u1n2t3e4r5h6u7n8t9e0r", "aHVu-dGVy_MmFCQzEyMzRkZWY1Njc4aHVudGVy", "6f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f"]}""");

    [Theory]
    [MemberData(nameof(Servers))]
    public void Parse_LiteralSecret_AppearsNowhere(string server)
    {
        using var library = new TempLibrary().Write(".mcp.json", $"{{\"mcpServers\": {{\n\"s\": {server}}}}}");
        var snapshot = library.Scan();
        var entry = Assert.Single(snapshot.Entries);
        var seen = Encoding.UTF8.GetString(entry.Content.Utf8) + JsonSerializer.Serialize<object>(entry.Resource) + string.Concat(snapshot.Diagnostics);
        foreach (var part in (string[])["hunter", "Hunter", "ter2", "hun/", " two", "aHVu", "h7u2n9", "7h0u1n", "6f1c2d"])
            Assert.DoesNotContain(part, seen, StringComparison.Ordinal);
        Assert.Empty(snapshot.Ranker.Find("hunter2"));
        Assert.Empty(snapshot.Ranker.Find("hunter"));
        Assert.Contains(snapshot.Diagnostics, note => note is { Code: "literal_secret", Line: 2 });
    }

    [Theory]
    [InlineData("--from", "git+https://github.com/oraios/serena@0123456789abcdef0123456789abcdef01234567", "start-mcp-server")]
    [InlineData("run", "--rm", "-v", "${PWD}:/workspace", "-p", "8080:80", "-u", "1000:1000", "-e", "GITHUB_TOKEN", "-e", "TOKEN=${TOKEN}", "ghcr.io/org/server-name:1.2.3")]
    [InlineData("-y", "-p", "@scope/package@1.2.3", "-p", "left-pad", "-p8080:80", "-p", "127.0.0.1:8080:80/tcp", "-p", "${PASSWORD}", "-print")]
    [InlineData("-y", "@modelcontextprotocol/server-sequential-thinking@2025.12.18", "--author", "me", "--max-tokens", "4096", "--auth-type", "oauth")]
    [InlineData("mcp-remote", "https://mcp.tavily.com/mcp/?tavilyApiKey=${TAVILY_API_KEY}", "--header", "Authorization: Bearer ${TOKEN}", "--header", "Authorization:${AUTH}")]
    [InlineData("postgres://app:${PASSWORD}@db:5432/x", "ssh://git@host.test/x", "http://localhost:8001/sse", "--api-key=${KEY}", "--api-key", "<your-api-key>", "https://x.test/@scope/pkg")]
    [InlineData("image@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "/Users/someone/Projects/long-folder-name/build/index.js")]
    [InlineData("{\"model\":\"gpt-4o\",\"keywords\":[\"a\"],\"apiKey\":\"${KEY}\"}")]
    public void Of_HarmlessArguments_StayAsTheyAre(params string[] arguments)
    {
        var mask = new SecretMask();
        Assert.Equal(arguments, ArgumentMask.Of(arguments, mask));
        Assert.Equal(0, mask.Count);
    }

    [Theory]
    [InlineData("LOG_LEVEL", "debug")]
    [InlineData("PORT", "8080")]
    [InlineData("HOST", "localhost:8080")]
    [InlineData("BASE_URL", "https://x.test/v1")]
    [InlineData("API_KEY", "")]
    [InlineData("API_KEY", "YOUR_API_KEY_HERE")]
    [InlineData("Accept", "application/json, text/event-stream")]
    public void Value_Harmless_StaysAsItIs(string name, string value) => Assert.Equal(value, new SecretMask().Value(name, value));

    [Fact]
    public void Text_Prose_StaysReadable()
    {
        const string Prose = "Needs a token: required. Basic usage, with the keyboard; password reset by e-mail. Set API_KEY=${API_KEY}.";
        Assert.Equal(Prose, new SecretMask().Text(Prose, prose: true));
    }

    [Theory]
    [InlineData("${DB:-S3cr3tpassw0rdXY}", "${DB:-•••}")]
    [InlineData("${DB-S3cr3t}", "${DB-•••}")]
    [InlineData("${DB:=S3cr3t}", "${DB:=•••}")]
    [InlineData("x${DB:+S3cr3t}", "x${DB:+•••}")]
    [InlineData("${LEVEL:-debug}", "${LEVEL:-debug}")]
    [InlineData("${PORT:-8080}", "${PORT:-8080}")]
    [InlineData("${HOST:-localhost:8080}", "${HOST:-localhost:8080}")]
    [InlineData("${BASE:-https://x.test/v1}", "${BASE:-https://x.test/v1}")]
    [InlineData("${DB:?set it first}", "${DB:?set it first}")]
    public void Value_DefaultOfAReference_IsALiteral(string value, string shown) => Assert.Equal(shown, new SecretMask().Value("DATABASE", value));
}
