using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Tests;

public sealed class SearchTests : IDisposable
{
    private readonly TempLibrary _library = new TempLibrary()
        .Agent("agents/a.md", "postgres-expert", "Tunes databases.", "Reads query plans of PostgreSQL.")
        .Agent("agents/b.md", "generalist", "Helps with postgres now and then.", "Anything at all.")
        .Agent("agents/c.md", "writer", "Writes prose.", "Once wrote a text about postgres and its planner.")
        .Agent("agents/d.md", "OpenAiHelper", "Calls a model.", "Nothing else.")
        .Agent("agents/e.md", "kubernetes-operator", "Runs clusters.", "kubectl and helm.");

    private readonly CatalogSnapshot _snapshot;

    public SearchTests() => _snapshot = _library.Scan();

    public void Dispose() => _library.Dispose();

    [Fact]
    public void Find_Word_RanksNameOverDescriptionOverBody() => Assert.Equal(["postgres-expert", "generalist", "writer"], Names("postgres"));

    [Theory]
    [InlineData("openai")]
    [InlineData("OPENAI")]
    [InlineData("open ai helper")]
    [InlineData("OpenAiHelper")]
    public void Find_CamelCaseName_ByWholeAndParts(string query) => Assert.Equal("OpenAiHelper", Names(query)[0]);

    [Theory]
    [InlineData("kube", "kubernetes-operator")]
    [InlineData("kubernets", "kubernetes-operator")]
    [InlineData("kubenretes", "kubernetes-operator")]
    [InlineData("postgers expert", "postgres-expert")]
    public void Find_PrefixOrOneEdit_IsFound(string query, string name) => Assert.Equal(name, Names(query)[0]);

    [Theory]
    [InlineData("zzzz")]
    [InlineData("cat")]
    public void Find_NoSuchWord_IsEmpty(string query) => Assert.Empty(Names(query));

    [Fact]
    public void Find_Typo_OnlyWhenNothingElseFits()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "form", "Forms.", "x").Agent("agents/b.md", "farm", "Farms.", "x");
        Assert.Equal(["form"], library.Scan().Ranker.Find("form").Select(hit => library.Scan().Entries[hit.Document].Resource.Name));
    }

    [Fact]
    public void Find_AllWords_ComeBeforeSome()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "rust", "rust rust rust", "rust").Agent("agents/b.md", "tester", "Tests code.", "Tests written in rust.");
        var snapshot = library.Scan();
        Assert.Equal("tester", snapshot.Entries[snapshot.Ranker.Find("rust tests")[0].Document].Resource.Name);
    }

    [Fact]
    public void Find_Equals_KeepTheirOrder()
    {
        using var library = new TempLibrary();
        for (var i = 9; i >= 0; i--)
            library.Agent($"agents/{i}.md", $"same{i}", "Equal words.", "Equal.");
        var snapshot = library.Scan();
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"same{i}"), snapshot.Ranker.Find("equal words").Select(hit => snapshot.Entries[hit.Document].Resource.Name));
    }

    [Fact]
    public void Of_LongText_CutsAroundTheWordAndMarksIt()
    {
        var highlight = Highlighter.Of("body", string.Concat(Enumerable.Repeat("lorem ipsum ", 100)) + "the Needle\r\nhere " + new string('x', 500), new(["needle"], []))!;
        Assert.InRange(highlight.Snippet.Length, 20, 240);
        var range = Assert.Single(highlight.Ranges);
        Assert.Equal("Needle", highlight.Snippet.Substring(range.Start, range.Length));
    }

    [Theory]
    [InlineData("abcd", "abcd", false)]
    [InlineData("abcd", "abce", true)]
    [InlineData("abcd", "abc", true)]
    [InlineData("abcd", "abdc", true)]
    [InlineData("abcd", "xabcd", true)]
    [InlineData("abcd", "badc", false)]
    [InlineData("abcd", "ab", false)]
    public void IsOneEdit_Pairs_AreToldApart(string left, string right, bool expected) =>
        Assert.Equal((expected, expected), (EditDistance.Within(left, right, 1) == 1, EditDistance.Within(right, left, 1) == 1));

    private List<string> Names(string query) => [.. _snapshot.Ranker.Find(query).Select(hit => _snapshot.Entries[hit.Document].Resource.Name)];
}
