using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class IdTests
{
    [Theory]
    [InlineData("Code Reviewer", "code-reviewer")]
    [InlineData("🔍 Research: HTML_ (v2)", "research-html-v2")]
    [InlineData("  --x-- ", "x")]
    [InlineData("工具", "")]
    public void Of_AnyName_IsUrlSafe(string name, string slug) => Assert.Equal(slug, Slug.Of(name));

    [Fact]
    public void Of_LongNames_StayApart()
    {
        var (one, two) = (Slug.Of(new string('a', 200) + "1"), Slug.Of(new string('a', 200) + "2"));
        Assert.NotEqual(one, two);
        Assert.InRange(one.Length, 70, 80);
    }

    [Fact]
    public void Assign_SameNames_FirstIsPlainTheOthersQualified()
    {
        using var library = new TempLibrary()
            .Agent("agents/review.md", "review").Agent(".claude/agents/review.md", "Review").Agent("more/agents/review.md", "review")
            .Write("p/.claude-plugin/plugin.json", """{"name": "Quality Kit"}""").Agent("p/agents/review.md", "review");
        var shelf = library.Scan()[ResourceKind.Agent];
        Assert.Equal(".claude/agents/review.md", shelf.Find("review")!.Resource.Path);
        Assert.Equal("agents/review.md", shelf.Find("lib:review")!.Resource.Path);
        Assert.Equal("p/agents/review.md", shelf.Find("QUALITY-KIT:REVIEW")!.Resource.Path);
        Assert.Matches("^lib:review~[0-9a-f]{6}$", shelf.By("name").Single(entry => entry.Resource.Path == "more/agents/review.md").Resource.Id);
        Assert.Equal(4, shelf.By("name").Select(entry => entry.Resource.Id).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Assign_NameWithoutAsciiLetters_HasAnIdAndIsFoundByName()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "工具");
        var entry = library.Scan()[ResourceKind.Agent].Find("工具")!;
        Assert.Matches("^agent-[0-9a-f]{6}$", entry.Resource.Id);
    }

    [Fact]
    public void Assign_AnotherFileAdded_KeepsTheIds()
    {
        using var library = new TempLibrary().Agent("a/agents/review.md", "review").Agent("b/agents/review.md", "review");
        var before = library.Scan();
        var after = library.Agent("c/agents/review.md", "review").Scan(before);
        Assert.All(before.Entries, entry => Assert.Equal(entry.Resource.Path, after[ResourceKind.Agent].Find(entry.Resource.Id)!.Resource.Path));
    }

    [Fact]
    public async Task Assign_ManyNamesakesInOneFile_SaltsEachOnceMore()
    {
        var given = Enumerable.Range(0, 8_000).Select(_ => ((Resource)new Command { Name = "go", Invocation = "/go", Description = "d", Source = "lib", Path = "commands/go.md" }, "go")).ToList();
        // On a thread of its own: with a look at all salts for each it takes minutes.
        var ids = await Task.Run(() => ResourceIds.Assign(given)).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(given.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(["go", "lib:go", .. Enumerable.Range(0, 50).Select(salt => $"lib:go~{Slug.Hash($"lib/commands/go.md#go{new string('+', salt)}")}")], ids.Take(52));
    }
}
