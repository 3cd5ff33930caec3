using System.Text;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Semantic;

namespace Jarvis.Catalog.Tests;

public sealed class MarkdownSecretsTests
{
    public static TheoryData<string, string> Files() => new()
    {
        { "an environment", "---\nname: a\ndescription: d\nenv:\n  ANYTHING: hunter2\n  URL: postgres://app:hunter2@db/x\n---\nYou help.\n" },
        { "an environment as a list", "---\nname: a\ndescription: d\nenv:\n  - ANYTHING=hunter2\n---\nYou help.\n" },
        { "an environment on one line", "---\nname: a\ndescription: d\nenv: {ANYTHING: hunter2}\n---\nYou help.\n" },
        { "a hook", "---\nname: a\ndescription: d\nhooks:\n  PreToolUse:\n    - matcher: Bash\n      hooks:\n        - type: command\n          command: \"curl -u me:hunter2 -H 'X-Key: hunter2' --token hunter2 https://x.test\"\n---\nYou help.\n" },
        { "a folded hook", "---\nname: a\ndescription: d\nhooks:\n  Stop:\n    - hooks:\n        - type: command\n          command: >-\n            export API_KEY=hunter2 &&\n            run --password hunter2\n---\nYou help.\n" },
        { "a field", "---\nname: a\ndescription: d\napi_key: hunter2hunter2\n---\nYou help.\n" },
        { "metadata", "---\nname: a\ndescription: d\nmetadata:\n  token: hunter2hunter2\n---\nYou help.\n" },
        { "a comment", "---\nname: a\n# sk-hunter2hunter2hunter2\ndescription: d\n---\nYou help.\n" },
        { "a description", "---\nname: a\ndescription: Uses sk-hunter2hunter2hunter2\n---\nYou help.\n" },
        { "the name", "---\nname: sk-hunter2hunter2hunter2\ndescription: d\n---\nYou help.\n" },
        { "a tool", "---\nname: a\ndescription: d\ntools:\n  - \"Bash(curl -H 'Authorization: Bearer h7u2n9t4e1r6h3u8n5t0' *)\"\n---\nYou help.\n" },
        { "a hint", "---\nname: a\ndescription: d\nargument-hint: [ghp_hunter2hunter2hunter2hunter2]\n---\nYou help.\n" },
        { "a mapping on one line", "---\n{name: a, description: d, env: {ANYTHING: hunter2}}\n---\nYou help.\n" },
        { "front matter that is no YAML", "---\nname: a\ndescription: Use when: x\nenv:\n  API_KEY: hunter2\n  - TOKEN=hunter2\n---\nYou help.\n" },
        { "front matter that is not closed", "---\nname: a\ndescription: d\nenv:\n  API_KEY: hunter2\n\nYou help.\n" },
        { "no front matter", "You help with sk-hunter2hunter2hunter2.\n" },
        { "the body", "---\nname: a\ndescription: d\n---\nUse `Authorization: Bearer h7u2n9t4e1r6h3u8n5t0e2` and AKIAH7U2N9T4E1R6H3U8.\n" },
        { "an address in the body", "---\nname: a\ndescription: d\n---\nAsk https://hooks.slack.com/services/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 or postgres://app:Hunter2!Hunter@db/x.\n" },
        { "a code block", "---\nname: a\ndescription: d\n---\n```sh\nexport API_TOKEN=h7u2n9t4e1r6h3u8n5t0e2r7\n```\n" },
        { "the body too", "---\nname: a\ndescription: d\nenv:\n  ANYTHING: hunter2hunter\n---\nThe value is hunter2hunter.\n" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Scan_MarkdownWithALiteralSecret_ShowsItNowhere(string what, string text)
    {
        foreach (var path in (string[])["agents/a.md", "commands/a.md", "skills/a/SKILL.md"])
        {
            using var library = new TempLibrary().Write(path, text);
            var snapshot = library.Scan();
            var entry = Assert.Single(snapshot.Entries);
            var seen = string.Concat(Encoding.UTF8.GetString(entry.Content.Utf8), Encoding.UTF8.GetString(entry.Json.Span), string.Concat(snapshot.Diagnostics), EmbeddingText.Of(entry, new()));
            foreach (var part in (string[])["hunter", "Hunter", "h7u2n9", "H7U2N9"])
                Assert.False(seen.Contains(part, StringComparison.Ordinal), $"{what}: {seen}");
            Assert.Empty(snapshot.Ranker.Find("hunter2"));
            Assert.True(snapshot.Diagnostics.Any(note => note is { Code: "literal_secret", Line: > 0 }), what);
            Assert.Contains(SecretMask.Shown, seen, StringComparison.Ordinal);
            // What was masked is still the front matter that it was.
            Assert.Equal(FrontMatter.Read(text).Values.Keys.Order(StringComparer.Ordinal), FrontMatter.Read(Encoding.UTF8.GetString(entry.Content.Utf8)).Values.Keys.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("---\nname: a\ndescription: Reviews tokens; the API key: required. Password reset by e-mail.\nenv:\n  TOKEN: ${TOKEN}\n  LEVEL: debug\n  PORT: 8080\n---\nSet `API_KEY=your_key` and run.\n")]
    [InlineData("---\nname: a\ndescription: d\nhooks:\n  PreToolUse:\n    - matcher: \"Edit|Write\"\n      hooks:\n        - type: command\n          command: \"$CLAUDE_PROJECT_DIR/check.sh --token $TOKEN --level 2\"\n---\nYou help.\n")]
    [InlineData("---\nname: a\ndescription: d\n---\n```py\nclient = Client(api_key=os.environ[\"KEY_1\"], password=\"password123\")\npostgres://user:password@localhost:5432/db\ncurl -H \"Authorization: Bearer $TOKEN\" -H \"X: Bearer eyJ...\"\n```\n")]
    [InlineData("---\nname: a\ndescription: d\n---\nKeys such as sk-1234567890abcdef, ghp_xxxxxxxxxxxxxxxxxxxx and AKIAIOSFODNN7EXAMPLE are masked. Commit 0123456789abcdef0123456789abcdef01234567.\n")]
    [InlineData("---\nname: a\ndescription: d\n---\n-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\nhttps://user@x.test/path?key=value&token_type=bearer#secret\n")]
    [InlineData("Token bucket, basic auth, bearer tokens: keyboard=qwertz; tokenizer=gpt2; author: someone.\n")]
    public void Shown_OrdinaryText_StaysAsItIs(string text) => Assert.Equal(text, MarkdownSecrets.Shown(text));

    [Fact]
    public void Scan_PluginManifestWithSecrets_TellsNone()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a").Write(".claude-plugin/plugin.json", """
            {"name": "p", "version": "1 sk-hunter2hunter2hunter2", "author": "Me sk-hunter2hunter2hunter2", "license": "sk-hunter2hunter2hunter2",
            "repository": "https://hunter2:x@x.test/r", "commands": ["../hunter2?token=hunter2"], "env": {"KEY": "hunter2"},
            "mcpServers": {"s": {"command": "run", "env": {"KEY": "hunter2"}}}, "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x --token hunter2"}]}]}}
            """);
        var snapshot = library.Scan();
        var seen = string.Concat(string.Concat(snapshot.Entries.Select(entry => Encoding.UTF8.GetString(entry.Json.Span) + Encoding.UTF8.GetString(entry.Content.Utf8))), string.Concat(snapshot.Diagnostics));
        Assert.DoesNotContain("sk-hunter2", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("token=hunter2", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("://hunter2", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("--token hunter2", seen, StringComparison.Ordinal);
        Assert.Equal(2, snapshot.Entries.Count);
    }

    [Theory]
    [InlineData("settings.json")]
    [InlineData(".claude/settings.local.json")]
    public void Scan_SettingsOfAClient_AreNotRead(string path)
    {
        using var library = new TempLibrary().Write(path, """{"env": {"KEY": "hunter2"}, "mcpServers": {"s": {"command": "run"}}, "hooks": {}}""");
        var snapshot = library.Scan();
        Assert.Empty(snapshot.Entries);
        Assert.Empty(snapshot.Diagnostics);
    }
}
