using System.Diagnostics;
using System.Text;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Tests;

/// <summary>
/// Files of up to the largest size that somebody made to be slow. Time is no threshold here, its growth is: what is read in steps of bounded number takes
/// about four times as long for four times as much, and what looks at all for each takes sixteen times.
/// </summary>
public sealed class HostileFileTests
{
    private const int Small = 1 << 18;
    private const int Large = 1 << 20;
    private const double MostGrowth = 10;
    private const double Least = 10_000;

    private static readonly LibraryOptions Options = new() { MaxFileBytes = 4 << 20 };

    public static TheoryData<string, string, string, string, string> Files() => new()
    {
        { "open brackets", "agents/a.md", "---\nname: a\ndescription: d\n---\n", "[", "" },
        { "names without values", "agents/a.md", "---\nname: a\n---\n", "key=", "" },
        { "names with open quotes", "agents/a.md", "---\nname: a\n---\n", "key=\"", "" },
        { "names with blanks", "agents/a.md", "---\nname: a\n---\n", "token        ", "" },
        { "one name", "agents/a.md", "---\nname: a\n---\n", "token_", "" },
        { "backslashes", "agents/a.md", "---\nname: a\n---\nkey", "\\", "" },
        { "schemes", "agents/a.md", "---\nname: a\n---\n", "Bearer ", "" },
        { "prefixes of keys", "agents/a.md", "---\nname: a\n---\n", "sk-", "" },
        { "prefixes of keys, each a word", "agents/a.md", "---\nname: a\n---\n", " sk-a", "" },
        { "addresses", "agents/a.md", "---\nname: a\n---\n", "a://", "" },
        { "users of addresses", "agents/a.md", "---\nname: a\n---\n", "a://b:c@", "" },
        { "begins of private keys", "agents/a.md", "---\nname: a\n---\n", "-----BEGIN PRIVATE KEY-----", "" },
        { "ends of private keys", "agents/a.md", "---\nname: a\n---\n", "-----END PRIVATE KEY-----\n", "" },
        { "capitals before the words of private keys", "agents/a.md", "---\nname: a\n---\n", "ABC PRIVATE KEY-----", "" },
        { "random text", "agents/a.md", "---\nname: a\n---\n", "token=h7u2n9t4e1r6h3u8n5t0\n", "" },
        { "fences", "agents/a.md", "mcpServers:\n", "```\n~~~\n", "" },
        { "servers in no front matter", "agents/a.md", "x\n", "mcpServers: {a: b}\n", "" },
        { "placeholders", "commands/a.md", "", "$1 @a/b !`x` ", "" },
        { "open commands", "commands/a.md", "", "!`", "" },
        { "one word", "agents/a.md", "---\nname: a\n---\n", "aB", "" },
        { "hyphens", "agents/a.md", "---\nname: a\n---\n", "a-", "" },
        { "letters without spaces", "agents/a.md", "---\nname: a\n---\n", "\u65e5", "" },
        { "marks", "agents/a.md", "---\nname: a\n---\na", "\u0301", "" },
        { "headings", "agents/a.md", "", "# x\n", "" },
        { "blank lines", "agents/a.md", "---\nname: a\n---\n", "\r", "" },
        { "tags of a workflow", "flow.json", "{\"name\": \"f\", \"nodes\": [], \"connections\": {}, \"tags\": [\"x\"", "", "]}" },
        { "nodes of one name", "flow.json", "{\"name\": \"f\", \"connections\": {}, \"nodes\": [{\"name\": \"a\", \"type\": \"n8n-nodes-base.set\"}", ", {\"name\": \"a\", \"type\": \"n8n-nodes-base.set\"}", "]}" },
        { "webhooks on one path", "flow.json", "{\"name\": \"f\", \"active\": true, \"connections\": {}, \"nodes\": [{}", ", {\"name\": \"a\", \"type\": \"n8n-nodes-base.webhook\", \"parameters\": {\"path\": \"x\"}}", "]}" },
        { "connections of nothing", "flow.json", "{\"name\": \"f\", \"nodes\": [], \"connections\": {\"a\": {\"main\": [[{}", ", {\"node\": \"b\"}", "]]}}}" },
        { "workflows", "flow.json", "[{\"nodes\": [], \"connections\": {}}", ", {\"nodes\": [], \"connections\": {}}", "]" },
        { "parameters", "flow.json", "{\"name\": \"f\", \"connections\": {}, \"nodes\": [{\"parameters\": {\"a\": [1", ", {\"name\": \"key\", \"value\": \"h7u2n9t4e1r6h3u8n5t0\"}", "]}}]}" },
        { "exports in a parameter", "flow.json", "{\"name\": \"f\", \"connections\": {}, \"nodes\": [{\"parameters\": {\"a\": \"{\\\"nodes\\\": [1", ", \\\"x\\\"", "]}\"}}]}" },
        { "one name in JSON", ".mcp.json", "{\"mcpServers\": {\"a\": {\"command\": \"x\"}", ", \"a\": {\"command\": \"x\"}", "}}" },
        { "servers", ".mcp.json", "{\"mcpServers\": {\"a\": {\"command\": \"x\"}", ", \"a\\u00e4\": {\"command\": \"x\", \"args\": [\"${input:\"]}", "}, \"inputs\": [{\"id\": \"y\"}]}" },
        { "arguments", ".mcp.json", "{\"mcpServers\": {\"a\": {\"command\": \"x\", \"args\": [\"a\"", ", \"--token\", \"b\"", "]}}}" },
        { "one argument", ".mcp.json", "{\"mcpServers\": {\"a\": {\"command\": \"x\", \"args\": [\"", "-u a:b@c.de ", "\"]}}}" },
        { "references", ".mcp.json", "{\"mcpServers\": {\"a\": {\"command\": \"x\", \"env\": {\"a\": \"", "${A:-b", "\"}}}}" },
        { "halves of pairs", ".mcp.json", "{\"mcpServers\": {\"a\": {\"command\": \"", "\\ud800", "\"}}}" },
        { "open braces", ".mcp.json", "{\"mcpServers\": ", "{\"a\":", "" },
        { "comments", ".mcp.json", "{\"mcpServers\": {}", "// x\n", "}" },
        { "plugins", ".claude-plugin/marketplace.json", "{\"name\": \"m\", \"plugins\": [{\"name\": \"a\", \"source\": \"./a\"}", ", {\"name\": \"a\", \"source\": \"./a/b\"}", "]}" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_FileMadeToBeSlow_TakesTimeInProportionToItsSize(string what, string path, string begin, string again, string end)
    {
        again = again.Length > 0 ? again : ", \"tag\"";
        // Each is another text for search, too.
        var (small, large) = (Made(begin, again, end, Small), Made(begin, again, end, Large));
        Read(path, Made(begin, again, end, 1 << 12));
        Assert.True(Growth(path, small, large) is var growth && growth < MostGrowth, $"{what}: {growth:F1} times as long for four times as much.");
    }

    [Theory]
    [InlineData("tags: x", ", tag")]
    [InlineData("tags:", "\n  - tag")]
    [InlineData("tools: x", ", Bash(x:*)")]
    [InlineData("env:\n  A: x", "\n  B: longer-value-of-an-environment-with-a-number-")]
    [InlineData("description: x", "\n  more: x")]
    [InlineData("x: ", "[")]
    [InlineData("x: ", "{a: ")]
    [InlineData("x: \"", "\\x41")]
    [InlineData("x: '", "''")]
    [InlineData("x: ", "&a ")]
    [InlineData("x: ", "!!a ")]
    [InlineData("", "? ")]
    [InlineData("x: >\n", "  a\n\n")]
    [InlineData("x: |\n", "  a\n ")]
    [InlineData("x:\n", "- ")]
    [InlineData("x: ", "a b\n  ")]
    [InlineData("x: a ", "# ")]
    public void Read_FrontMatterMadeToBeSlow_TakesTimeInProportionToItsSize(string begin, string again)
    {
        string Text(int size)
        {
            var front = Numbered(begin, again, size);
            return $"---\nname: a\n{front}\n---\n{front}";
        }

        var (small, large) = (Text(1 << 14), Text((1 << 16) - 100));
        Read("agents/a.md", Text(1 << 10));
        Assert.True(Growth("agents/a.md", small, large) is var growth && growth < MostGrowth, $"{growth:F1} times as long for four times as much.");
    }

    [Fact]
    public void Scan_ManyTagsOfOneWorkflow_AreCut()
    {
        var tags = string.Join(", ", Enumerable.Range(0, 60_000).Select(number => $"\"t{number}\""));
        using var library = new TempLibrary().Write("flow.json", $"{{\"name\": \"{new string('n', 5_000)}\", \"description\": \"{new string('d', 50_000)}\", \"nodes\": [], \"connections\": {{}}, \"tags\": [{tags}]}}");
        var workflow = library.Only<Workflow>();
        Assert.Equal((100, 201, 1_001), (workflow.Tags.Count, workflow.Name.Length, workflow.Description.Length));
    }

    [Fact]
    public void Scan_MoreSecretsThanAreLookedFor_ShowsNothingOfTheText()
    {
        var env = string.Concat(Enumerable.Range(0, 1_000).Select(number => $"  K{number}: Value-{number}-hunter2\n"));
        using var library = new TempLibrary().Write("agents/a.md", $"---\nname: a\ndescription: d\nenv:\n{env}---\nUse Value-7-hunter2.\n");
        var entry = Assert.Single(library.Scan().Entries);
        Assert.DoesNotContain("hunter2", Encoding.UTF8.GetString(entry.Content.Utf8) + Encoding.UTF8.GetString(entry.Json.Span), StringComparison.Ordinal);
        Assert.Equal("a", entry.Resource.Name);
    }

    private static string Made(string begin, string again, string end, int size)
    {
        var text = new StringBuilder(begin, size + 200);
        while (text.Length + again.Length + end.Length < size)
            text.Append(again);
        return text.Append(end).ToString();
    }

    // A value that comes once is looked for once.
    private static string Numbered(string begin, string again, int size)
    {
        var text = new StringBuilder(begin, size + 200);
        for (var number = 0; text.Length + again.Length + 8 < size; number++)
            text.Append(again.EndsWith('-') ? $"{again.Replace("B", $"B{number}", StringComparison.Ordinal)}{number}" : again);
        return text.ToString();
    }

    // The least of a few, since others work on the machine too; what takes less than ten milliseconds is not told from that.
    private static double Growth(string path, string small, string large)
    {
        var (ofSmall, ofLarge) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < 15 && (round == 0 || ofLarge / ofSmall >= MostGrowth / 2); round++)
            (ofSmall, ofLarge) = (Math.Min(ofSmall, Math.Max(Least, Measure(path, small))), Math.Min(ofLarge, Measure(path, large)));
        return ofLarge / ofSmall;
    }

    private static double Measure(string path, string text)
    {
        var started = Stopwatch.GetTimestamp();
        Read(path, text);
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds;
    }

    private static void Read(string path, string text)
    {
        var source = new LibrarySource("lib", "lib", "/lib");
        var bytes = Encoding.UTF8.GetBytes(text);
        var entry = new FileEntry(path, new(bytes.Length, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch));
        var listing = new TreeListing(SourceState.Ready, [entry], []);
        var terms = new TermTable();
        var role = path.Contains("marketplace", StringComparison.Ordinal) ? new(FileRole.Marketplace, []) : path == ".mcp.json" ? new(FileRole.McpConfig, [], Kind: ResourceKind.McpServer)
            : path.EndsWith(".json", StringComparison.Ordinal) ? new(FileRole.Json, []) : new Classified(path.StartsWith('a') ? FileRole.Agent : FileRole.Command, [], Kind: path.StartsWith('a') ? ResourceKind.Agent : ResourceKind.Command);
        var file = new FileReader(Options, terms).Read(source, entry, role, bytes);
        var snapshot = new SnapshotBuilder(terms).Build([new(source, listing, [file], DateTimeOffset.UnixEpoch, 0, Watching: false)]);
        foreach (var shown in snapshot.Entries.Take(1))
            Highlighter.Of("body", shown.Content.Utf8, new(["zebra"], [["zebra", "x"]]));
    }
}
