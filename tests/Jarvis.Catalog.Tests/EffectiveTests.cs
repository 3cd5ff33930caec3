using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Effective;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class EffectiveTests
{
    private const int Project = 0;
    private const int User = 1;
    private const int Free = 2;
    private const int FromPlugin = 3;

    [Fact]
    public void Of_AgentOfEveryScope_ProjectBeforeUserBeforeFreeBeforePlugin()
    {
        var standings = EffectiveView.Of([Agent("a", Project), Agent("a", User), Agent("a", Free), Agent("a", FromPlugin, "kit"), Agent("b", FromPlugin, "kit")]);
        Assert.Equal([-1, 0, 0, 0, -1], standings.Select(standing => standing.ShadowedBy));
        Assert.Equal([1, 2, 3], standings[0].Shadows);
        Assert.Same(Standing.Alone, standings[4]);
    }

    [Fact]
    public void Of_SkillOfUserAndProject_UserWins()
    {
        var standings = EffectiveView.Of([Skill("a", Project), Skill("a", User), Skill("a", Free), Skill("a", FromPlugin, "kit")]);
        Assert.Equal([1, -1, 1, 1], standings.Select(standing => standing.ShadowedBy));
    }

    [Fact]
    public void Of_TwoPlugins_NeitherShadowsTheOther()
    {
        var standings = EffectiveView.Of([Agent("a", FromPlugin, "kit"), Agent("a", FromPlugin, "box"), Agent("a", FromPlugin, "kit")]);
        Assert.Equal([-1, -1, 0], standings.Select(standing => standing.ShadowedBy));
        Assert.Equal([3, 3, 3], standings.Select(standing => standing.Namesakes));
    }

    [Fact]
    public void Of_NamesThatDifferByCase_AreTwo() => Assert.All(EffectiveView.Of([Agent("a", Project), Agent("A", Project)]), standing => Assert.True(standing.Effective));

    [Fact]
    public void Of_CommandsInFolders_GoByTheirWholeName() => Assert.All(
        EffectiveView.Of([Command("git"), Command("ops")]), standing => Assert.Same(Standing.Alone, standing));

    [Fact]
    public void Of_Workflows_StandSideBySide() => Assert.All(
        EffectiveView.Of([(new Workflow { Name = "a", Description = "" }, Free), (new Workflow { Name = "a", Description = "" }, Free)]), standing => Assert.True(standing.Effective));

    [Fact]
    public void Scan_SameNameInSeveralSources_SaysWhoWinsAndShowsTheRest()
    {
        using var user = new TempLibrary(folder: ".claude").Agent("agents/review.md", "review").Agent("skills/pdf/SKILL.md", "pdf");
        using var library = new TempLibrary(options => options with { Roots = [.. options.Roots, user.Folder] })
            .Agent(".claude/agents/review.md", "review").Agent(".claude/skills/pdf/SKILL.md", "pdf")
            .Write("p/.claude-plugin/plugin.json", """{"name": "kit"}""").Agent("p/agents/review.md", "review");
        var snapshot = library.Scan();
        var agents = snapshot[ResourceKind.Agent];
        var winner = agents.Find("review")!.Resource;
        Assert.Equal((".claude/agents/review.md", true), (winner.Path, winner.Effective));
        Assert.Equal(["claude:review", "kit:review"], winner.Shadows);
        Assert.All(winner.Shadows, id => Assert.Equal((false, "review"), (agents.Find(id)!.Resource.Effective, agents.Find(id)!.Resource.ShadowedBy)));
        Assert.Equal("claude", snapshot[ResourceKind.Skill].By("name").Single(entry => entry.Resource.Effective).Resource.Source);

        var duplicates = snapshot.Diagnostics.Where(diagnostic => diagnostic.Code == "duplicate_name").ToList();
        Assert.Equal(["lib:.claude/skills/pdf/SKILL.md", "lib:p/agents/review.md", "claude:agents/review.md"], duplicates.Select(diagnostic => $"{diagnostic.Source}:{diagnostic.Path}"));
        Assert.All(duplicates, diagnostic => Assert.Equal(DiagnosticState.Ok, diagnostic.State));
        Assert.Contains("'.claude/agents/review.md' of source 'lib'", duplicates[2].Reason, StringComparison.Ordinal);
        Assert.Contains("kit:review", duplicates[1].Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_SameNameTwiceInOneSource_FirstPathWins()
    {
        using var library = new TempLibrary().Agent("a/agents/x.md", "x").Agent("b/agents/x.md", "x");
        Assert.Equal(("b/agents/x.md", "duplicate_name"), (library.OnlyDiagnostic().Path, library.OnlyDiagnostic().Code));
        Assert.Contains("'a/agents/x.md'", library.OnlyDiagnostic().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_NamesThatDifferByCase_AreSaid()
    {
        using var library = new TempLibrary().Agent("agents/Review.md", "Review").Agent("agents/review.md", "review");
        Assert.Equal((2, "name_case"), (library.Scan().Entries.Count, library.OnlyDiagnostic().Code));
        Assert.All(library.Scan().Entries, entry => Assert.True(entry.Resource.Effective));
    }

    [Fact]
    public async Task Effective_Names_ArePagedAndNarrowed()
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("a/agents/x.md", "x").Agent("b/agents/x.md", "x").Agent("agents/y.md", "y")
            .Write("p/.claude-plugin/plugin.json", """{"name": "kit"}""").Write("p/commands/go.md", "Go").Write("q/.claude-plugin/plugin.json", """{"name": "box"}""").Write("q/commands/go.md", "Go"));
        var data = await host.DataAsync("/api/v2/catalog/effective");
        Assert.Equal(["go", "x"], data.GetProperty("names").EnumerateArray().Select(name => name.GetProperty("name").GetString()));
        Assert.Equal(2, data.GetProperty("pagination").GetProperty("total").GetInt32());
        var x = data.GetProperty("names")[1];
        Assert.Equal(("x", "a/agents/x.md", "x"), (x.GetProperty("winner").GetProperty("id").GetString(), x.GetProperty("winner").GetProperty("path").GetString(),
            x.GetProperty("definitions")[1].GetProperty("shadowed_by").GetString()));
        Assert.Equal("kit:go", data.GetProperty("names")[0].GetProperty("definitions")[0].GetProperty("scoped_name").GetString());

        Assert.Equal(3, (await host.DataAsync("/api/v2/catalog/effective?all=true")).GetProperty("pagination").GetProperty("total").GetInt32());
        Assert.Equal(1, (await host.DataAsync("/api/v2/catalog/effective?all=true&name=Y&kind=agent")).GetProperty("pagination").GetProperty("total").GetInt32());
        var errors = (await host.JsonAsync("/api/v2/catalog/effective?kind=thing&all=perhaps&limit=0&sort=name")).GetProperty("errors");
        Assert.Equal(["all", "kind", "limit", "sort"], errors.EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
    }

    private static (Resource, int) Agent(string name, int rank, string? plugin = null) => (new Agent { Name = name, Description = "", Plugin = Of(plugin) }, rank);

    private static (Resource, int) Skill(string name, int rank, string? plugin = null) => (new Skill { Name = name, Description = "", Plugin = Of(plugin) }, rank);

    private static (Resource, int) Command(string space) => (new Command { Name = "a", Description = "", Namespace = space, Invocation = $"/{space}:a" }, Project);

    private static PluginRef? Of(string? plugin) => plugin is null ? null : new(plugin, null);
}
