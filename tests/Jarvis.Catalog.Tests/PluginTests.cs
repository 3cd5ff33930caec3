using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Plugins;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class PluginTests
{
    private const string Command = "---\ndescription: d\n---\nGo";

    [Theory]
    [InlineData("""{"name": "Ann", "email": "ann@example.com"}""")]
    [InlineData("\"Ann\"")]
    public void Read_Manifest_EachResourceKnowsItsPlugin(string author)
    {
        using var library = new TempLibrary()
            .Write("p/.claude-plugin/plugin.json", $$"""{"name": "kit", "version": "1.2.0", "author": {{author}}, "license": "MIT", "repository": {"type": "git", "url": "https://example.com/kit"}, "keywords": ["a", 1]}""")
            .Agent("p/agents/a.md", "a").Write("p/.mcp.json", """{"mcpServers": {"s": {"command": "run"}}}""");
        var expected = new PluginRef("kit", "1.2.0") { Author = "Ann", License = "MIT", Repository = "https://example.com/kit" };
        Assert.All(library.Scan().Entries, entry => Assert.Equal(expected, entry.Resource.Plugin));
        Assert.Equal(2, library.Scan().Entries.Count);
    }

    [Fact]
    public void Read_OwnPaths_AreReadAndReplaceTheFolderOfTheKind()
    {
        using var library = new TempLibrary()
            .Write("p/.claude-plugin/plugin.json", """{"name": "kit", "commands": ["./special/go.md", "./more/"], "agents": "./team/lead.md", "skills": "./know", "mcpServers": "./servers.json"}""")
            .Write("p/special/go.md", "Go").Write("p/special/other.md", "No").Write("p/more/git/ship.md", Command).Write("p/commands/old.md", Command)
            .Write("p/team/lead.md", "---\nname: lead\ndescription: d\n---\n").Agent("p/agents/left.md", "left")
            .Agent("p/know/how/SKILL.md", "how").Agent("p/skills/usual/SKILL.md", "usual").Write("p/servers.json", """{"mcpServers": {"s": {"command": "run"}}}""");
        var snapshot = library.Scan();
        Assert.Equal(["go", "old", "ship"], Names(snapshot, ResourceKind.Command));
        Assert.Equal("/git:ship", ((Command)snapshot[ResourceKind.Command].Find("ship")!.Resource).Invocation);
        Assert.Equal(["lead", "left"], Names(snapshot, ResourceKind.Agent));
        Assert.Equal(["how", "usual"], Names(snapshot, ResourceKind.Skill));
        Assert.Equal(["s"], Names(snapshot, ResourceKind.McpServer));
        Assert.All(snapshot.Entries, entry => Assert.Equal("kit", entry.Resource.Plugin!.Name));
        Assert.Equal(["p/agents/left.md", "p/commands/old.md"], snapshot.Diagnostics.Where(diagnostic => diagnostic.Code == "not_declared").Select(diagnostic => diagnostic.Path));
    }

    [Fact]
    public void Read_UsualFolderNamedToo_IsDeclared()
    {
        using var library = new TempLibrary().Write("p/.claude-plugin/plugin.json", """{"name": "kit", "commands": ["./commands/", "./more/"]}""")
            .Write("p/commands/a/b.md", Command).Write("p/more/c.md", Command);
        Assert.Equal(["a:b", "c"], library.Scan()[ResourceKind.Command].By("name").Select(entry => entry.Resource.Id));
        Assert.Empty(library.Scan().Diagnostics);
    }

    [Theory]
    [InlineData("../other/x.md")]
    [InlineData("./a/../../other/x.md")]
    [InlineData("/etc/x.md")]
    [InlineData("C:\\\\x.md")]
    [InlineData("~/x.md")]
    [InlineData("..\\\\other\\\\x.md")]
    [InlineData("https://example.com/x.md")]
    public void Read_PathOutOfThePlugin_IsRefused(string path)
    {
        using var library = new TempLibrary().Write("p/.claude-plugin/plugin.json", $$"""{"name": "kit", "commands": "{{path}}"}""").Write("other/x.md", "Go");
        Assert.Empty(library.Scan().Entries);
        Assert.Equal(("plugin_path_outside", DiagnosticState.Rejected, "p/.claude-plugin/plugin.json"), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().State, library.OnlyDiagnostic().Path));
    }

    [Theory]
    [InlineData("./a/b.md", "a/b.md")]
    [InlineData("a/./b//", "a/b")]
    [InlineData("./", "")]
    [InlineData("./a/../b", "b")]
    [InlineData("${CLAUDE_PLUGIN_ROOT}/a.json", "a.json")]
    [InlineData(".claude/x", ".claude/x")]
    public void Resolve_PathWithin_IsPlain(string given, string path) => Assert.Equal(path, PluginPath.Resolve(given));

    [Theory]
    [InlineData("""{"name": "kit", "commands": 5}""", "plugin_field_invalid", DiagnosticState.Degraded)]
    [InlineData("""{"name": "kit", "agents": [null]}""", "plugin_field_invalid", DiagnosticState.Degraded)]
    [InlineData("""{"name": "My Kit"}""", "plugin_name_characters", DiagnosticState.Ok)]
    [InlineData("""{"version": "1"}""", "plugin_name_missing", DiagnosticState.Degraded)]
    [InlineData("[]", "plugin_name_missing", DiagnosticState.Degraded)]
    [InlineData("{", "json_invalid", DiagnosticState.Rejected)]
    public void Read_WrongManifest_IsSaid(string json, string code, DiagnosticState state)
    {
        using var library = new TempLibrary().Write("p/.claude-plugin/plugin.json", json).Agent("p/agents/a.md", "a");
        Assert.Single(library.Scan().Entries);
        Assert.Equal((code, state), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().State));
    }

    [Fact]
    public void Read_InlineServers_AreServersOfThePluginWithoutSecrets()
    {
        using var library = new TempLibrary().Write("p/.claude-plugin/plugin.json", """{"name": "kit", "mcpServers": {"db": {"command": "${CLAUDE_PLUGIN_ROOT}/db", "env": {"TOKEN": "S3cret9value"}}}}""");
        var server = library.Only<McpServer>();
        Assert.Equal(("db", "kit", "•••"), (server.Name, server.Plugin!.Name, server.Env["TOKEN"]));
        Assert.Equal("literal_secret", library.OnlyDiagnostic().Code);
    }

    [Fact]
    public void Read_MarketplaceEntryThatIsNotStrict_DefinesThePlugin()
    {
        using var library = new TempLibrary().Write(".claude-plugin/marketplace.json", """
            {"name": "market", "owner": {"name": "Ann"}, "plugins": [
              {"name": "documents", "source": "./", "strict": false, "version": "2", "author": {"name": "Ann"}, "license": "MIT", "category": "Office", "skills": ["./skills/pdf", "./skills/docx"]},
              {"name": "examples", "source": "./", "strict": false, "skills": ["./skills/art"]},
              {"name": "away", "source": {"source": "github", "repo": "a/b"}},
              {"name": "out", "source": "../out"}]}
            """).Agent("skills/pdf/SKILL.md", "pdf").Agent("skills/docx/SKILL.md", "docx").Agent("skills/art/SKILL.md", "art").Write("skills/art/more.txt", "x");
        var shelf = library.Scan()[ResourceKind.Skill];
        Assert.Equal(new PluginRef("documents", "2") { Author = "Ann", License = "MIT", Marketplace = "market" }, shelf.Find("docx")!.Resource.Plugin);
        Assert.Equal(("office", "examples", "examples:art"), (shelf.Find("pdf")!.Resource.Category, shelf.Find("art")!.Resource.Plugin!.Name, shelf.Find("examples:art") is null ? "" : "examples:art"));
        Assert.Equal(["more.txt"], ((Skill)shelf.Find("art")!.Resource).Files.Select(file => file.Path));
        Assert.Equal("plugin_path_outside", library.OnlyDiagnostic().Code);
    }

    [Fact]
    public void Read_MarketplaceAndManifest_AreMerged()
    {
        using var library = new TempLibrary().Write(".claude-plugin/marketplace.json", """
            {"name": "market", "metadata": {"pluginRoot": "./plugins"}, "plugins": [{"name": "kit", "source": "kit", "version": "9", "license": "MIT", "commands": "./extra/"}]}
            """).Write("plugins/kit/.claude-plugin/plugin.json", """{"name": "kit", "version": "1.0.0"}""").Write("plugins/kit/extra/a.md", Command);
        Assert.Equal(new PluginRef("kit", "1.0.0") { License = "MIT", Marketplace = "market" }, library.Only<Command>().Plugin);
    }

    [Fact]
    public void Scan_ManifestChanges_ItsResourcesDo()
    {
        using var library = new TempLibrary().Write("p/.claude-plugin/plugin.json", """{"name": "kit", "version": "1"}""").Write("p/extra/a.md", "Go").Agent("p/agents/x.md", "x");
        var first = library.Scan();
        library.Write("p/.claude-plugin/plugin.json", """{"name": "kit", "version": "2.0", "commands": "./extra"}""");
        var second = library.Scan(first);
        Assert.Equal(["a", "x"], second.Entries.Select(entry => entry.Resource.Name).Order(StringComparer.Ordinal));
        Assert.All(second.Entries, entry => Assert.Equal("2.0", entry.Resource.Plugin!.Version));
        library.Write("p/.claude-plugin/plugin.json", """{"name": "kit", "version": "3.0.0", "commands": "./extra"}""");
        Assert.All(library.Scan(second).Entries, entry => Assert.Equal("3.0.0", entry.Resource.Plugin!.Version));
    }

    [Fact]
    public void Scan_ManifestNamesAnotherFolderForTheSameKind_TheNamespaceFollows()
    {
        using var library = new TempLibrary().Write("p/.claude-plugin/plugin.json", """{"name": "kit", "commands": "./extra"}""").Write("p/extra/git/a.md", Command).Write("p/commands/b.md", Command);
        var first = library.Scan();
        Assert.Equal(["git:a", "b"], first[ResourceKind.Command].By("name").Select(entry => entry.Resource.Id));
        Assert.Contains(first.Diagnostics, diagnostic => diagnostic.Code == "not_declared");
        library.Write("p/.claude-plugin/plugin.json", """{"name": "kit", "commands": ["./extra/git", "./commands"]}""");
        var second = library.Scan(first);
        Assert.Equal(["a", "b"], second[ResourceKind.Command].By("name").Select(entry => entry.Resource.Id));
        Assert.Empty(second.Diagnostics);
    }

    private static IEnumerable<string> Names(CatalogSnapshot snapshot, ResourceKind kind) => snapshot[kind].By("name").Select(entry => entry.Resource.Name);

    [Fact]
    public void Load_ManifestThatCouldNotBeRead_IsReadOnceItCanBe()
    {
        using var library = new TempLibrary();
        var (source, cache) = (library.Scanner.Sources[0], new ManifestCache());
        // With the same stamp before and after, as a change of permissions leaves it.
        var listing = new TreeListing(SourceState.Ready, [new("p/.claude-plugin/plugin.json", new(99, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch))], []);
        Assert.Null(cache.Load(source, listing).OwnerOf("p/agents/a.md"));
        Assert.False(cache.CanReadMore(source));

        library.Write("p/.claude-plugin/plugin.json", """{"name": "kit"}""");
        Assert.True(cache.CanReadMore(source));
        Assert.Equal("kit", cache.Load(source, listing).OwnerOf("p/agents/a.md")?.Name);
        Assert.False(cache.CanReadMore(source));

        // Known by its stamp, and forgotten when it is gone.
        library.Write("p/.claude-plugin/plugin.json", """{"name": "new"}""");
        Assert.Equal("kit", cache.Load(source, listing).OwnerOf("p/agents/a.md")?.Name);
        cache.Load(source, listing with { Files = [] });
        Assert.Equal("new", cache.Load(source, listing).OwnerOf("p/agents/a.md")?.Name);
    }
}
