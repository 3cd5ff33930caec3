using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class ClassificationTests
{
    [Theory]
    [InlineData("agents/reviewer.md", ResourceKind.Agent)]
    [InlineData(".claude/agents/deep/er/reviewer.md", ResourceKind.Agent)]
    [InlineData("plugins/p/agents/reviewer.md", ResourceKind.Agent)]
    [InlineData("commands/git/commit.md", ResourceKind.Command)]
    [InlineData("skills/pdf/SKILL.md", ResourceKind.Skill)]
    [InlineData("anywhere/pdf/SKILL.md", ResourceKind.Skill)]
    public void Of_PathInKnownFolder_IsItsKind(string path, ResourceKind kind)
    {
        using var library = new TempLibrary().Agent(path, "reviewer");
        Assert.Equal(kind, Assert.Single(library.Scan().Entries).Resource.Kind);
    }

    [Theory]
    [InlineData("agents/README.md", "documentation")]
    [InlineData("agents/README-ja.md", "documentation")]
    [InlineData("commands/CHANGELOG.md", "documentation")]
    [InlineData("docs/agents/guide.md", "documentation")]
    [InlineData("agents/_template.md", "template")]
    [InlineData("tests/fixtures/agents/x.md", "test_fixture")]
    [InlineData("test/skills/x/SKILL.md", "test_fixture")]
    public void Of_DocumentationTemplateOrFixture_IsLeftOutWithANote(string path, string code)
    {
        using var library = new TempLibrary().Write(path, "# Words about it\n");
        var snapshot = library.Scan();
        Assert.Empty(snapshot.Entries);
        var diagnostic = Assert.Single(snapshot.Diagnostics);
        Assert.Equal((code, DiagnosticState.Ok), (diagnostic.Code, diagnostic.State));
    }

    [Fact]
    public void Of_ReadmeWithFrontMatter_IsAnAgent()
    {
        using var library = new TempLibrary().Agent("agents/readme.md", "readme-writer");
        Assert.Equal("readme-writer", library.Only<Agent>().Name);
    }

    [Fact]
    public void Of_MarkdownElsewhere_FrontMatterDecides()
    {
        using var library = new TempLibrary()
            .Write("prompts/a.md", "---\nname: a\ndescription: b\ntools: Read\n---\nBody")
            .Write("prompts/b.md", "---\nargument-hint: <issue>\n---\nFix it")
            .Write("prompts/c.md", "---\ntitle: A page\n---\nText")
            .Write("notes.md", "Just notes");
        var snapshot = library.Scan();
        Assert.Equal(["a"], snapshot[ResourceKind.Agent].By("name").Select(entry => entry.Resource.Name));
        Assert.Equal(["b"], snapshot[ResourceKind.Command].By("name").Select(entry => entry.Resource.Name));
        Assert.Empty(snapshot.Diagnostics);
    }

    [Fact]
    public void Of_FilesInASkillFolder_AreBundledNotResources()
    {
        using var library = new TempLibrary().Agent("skills/pdf/SKILL.md", "pdf")
            .Write("skills/pdf/scripts/fill.py", "print(1)").Agent("skills/pdf/agents/grader.md", "grader").Write("skills/pdfs/other.txt", "no");
        var skill = library.Only<Skill>();
        Assert.Equal(["agents/grader.md", "scripts/fill.py"], skill.Files.Select(file => file.Path));
        Assert.Equal(2, skill.FileCount);
    }

    [Fact]
    public void Of_PluginWithRootSkill_KeepsItsAgents()
    {
        using var library = new TempLibrary().Write("p/.claude-plugin/plugin.json", """{"name": "tools", "version": "1.2.0"}""")
            .Agent("p/SKILL.md", "tools").Agent("p/agents/helper.md", "helper").Write("p/scripts/run.sh", "true");
        var snapshot = library.Scan();
        var agent = Assert.Single(snapshot[ResourceKind.Agent].By("name")).Resource;
        Assert.Equal(new PluginRef("tools", "1.2.0"), agent.Plugin);
        var skill = (Skill)Assert.Single(snapshot[ResourceKind.Skill].By("name")).Resource;
        Assert.Equal(["scripts/run.sh"], skill.Files.Select(file => file.Path));
    }

    [Fact]
    public void Of_RootThatIsACommandsFolder_ReadsFilesWithFrontMatter()
    {
        using var library = new TempLibrary(folder: "commands").Write("tools/fix.md", "---\nmodel: opus\n---\nFix $ARGUMENTS").Write("examples/notes.md", "# Notes");
        Assert.Equal("/tools:fix", library.Only<Command>().Invocation);
    }

    [Fact]
    public void Of_CommandBody_ListsPlaceholders()
    {
        using var library = new TempLibrary().Write("commands/git/ship.md",
            "---\ndescription: Ship it\nallowed-tools: Bash(git add:*, git push:*), Read\n---\nShip $1 of $ARGUMENTS, see @docs/plan.md and @README.md, !`git status`. Mail me@example.com, $10.");
        var command = library.Only<Command>();
        Assert.Equal(["$1", "$ARGUMENTS", "@docs/plan.md", "@README.md", "!`git status`"], command.Placeholders);
        Assert.Equal(["Bash(git add:*, git push:*)", "Read"], command.AllowedTools);
        Assert.Equal(("git:ship", "git", "/git:ship", "ship"), (command.Id, command.Namespace, command.Invocation, command.Name));
    }

    [Fact]
    public void Of_MarketplaceCategory_GoesToItsPluginsResources()
    {
        using var library = new TempLibrary().Write(".claude-plugin/marketplace.json", """{"plugins": [{"name": "p", "category": "Dev Tools"}]}""")
            .Write("plugins/p/.claude-plugin/plugin.json", """{"name": "p"}""").Agent("plugins/p/agents/a.md", "a").Agent("plugins/p/agents/ops/b.md", "b");
        Assert.Equal(["dev-tools", "ops"], library.Scan()[ResourceKind.Agent].By("name").Select(entry => entry.Resource.Category));
    }
}
