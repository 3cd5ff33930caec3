using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Tests;

public sealed class SearchQueryTests : IDisposable
{
    private readonly TempLibrary _library = new TempLibrary()
        .Agent("agents/ops/a.md", "code-reviewer", "Reviews a pull request.", "Says why.", "tools: Read, Bash(git:*)\nmodel: opus\ntags: [quality, two words]\n")
        .Agent("agents/b.md", "puller", "Makes a request, then a pull.", "The pull of the request.", "model: sonnet\ntools: Read\n")
        .Agent("agents/c.md", "manager", "Manages.", "Asks for a review now and then.")
        .Write("commands/review.md", "---\ndescription: Reviewing at its best, in a Café\nallowed-tools: Bash\n---\nGo over the code.");

    private readonly CatalogSnapshot _snapshot;

    public SearchQueryTests() => _snapshot = _library.Scan();

    public void Dispose() => _library.Dispose();

    [Theory]
    [InlineData("\"pull request\"", "code-reviewer")]
    [InlineData("\"PULL   Request\" reviewer", "code-reviewer")]
    [InlineData("\"no such\"", "")]
    [InlineData("codereviewer", "code-reviewer")]
    [InlineData("pull -reviewer", "puller")]
    [InlineData("pull -\"pull request\"", "puller")]
    [InlineData("cafe", "review")]
    [InlineData("how to review a pull request kind:agent plugin:none", "")]
    [InlineData("kind:agent", "code-reviewer,manager,puller")]
    [InlineData("kind:agent kind:commands", "code-reviewer,manager,puller,review")]
    [InlineData("kind:agent model:OPUS", "code-reviewer")]
    [InlineData("tool:bash", "code-reviewer,review")]
    [InlineData("tool:\"Bash(ls:*)\" -kind:command", "code-reviewer")]
    [InlineData("tag:\"two words\"", "code-reviewer")]
    [InlineData("category:Ops", "code-reviewer")]
    [InlineData("source:lib -manager -review", "code-reviewer,puller")]
    [InlineData("source:nowhere", "")]
    [InlineData("nosuch:agent", "code-reviewer,manager,puller")]
    public void Find_Language_GivesThese(string query, string names)
    {
        IEnumerable<string> found = Names(query);
        Assert.Equal(names, string.Join(',', query.Contains(' ', StringComparison.Ordinal) || !query.Contains(':', StringComparison.Ordinal) ? found : found.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Find_OtherForm_IsFoundAfterTheWordItself()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a", "It reviewed things.", "x").Agent("agents/b.md", "b", "It reviews things.", "x");
        var snapshot = library.Scan();
        Assert.Equal(["b", "a"], snapshot.Ranker.Find("reviews").Select(hit => snapshot.Entries[hit.Document].Resource.Name));
    }

    [Fact]
    public void Explain_EachWord_SaysTermHowAndWhere()
    {
        var hits = _snapshot.Ranker.Find(SearchQuery.Parse("reviewer requets pul"), 0, 10);
        var why = _snapshot.Ranker.Explain(hits, hits.Hits[0].Document);
        Assert.Equal([("reviewer", "reviewer", MatchKind.Exact), ("requets", "request", MatchKind.Typo), ("pul", "pull", MatchKind.Prefix)], why.Words.Select(word => (word.Word, word.Term, word.How)));
        Assert.Equal(MatchedFields.Name | MatchedFields.Description, why.Fields);
        Assert.Equal("reviewer request pul", hits.Suggestion);
    }

    [Fact]
    public void Facets_OfAFilteredProperty_ShowItsOtherChoices()
    {
        var facets = _snapshot.Ranker.Find(SearchQuery.Parse("review kind:command"), 0, 10).Facets;
        Assert.Equal((2, 1), (facets.Agent, facets.Command));
        Assert.Equal([new("Bash", 1)], facets.Tool);
        facets = _snapshot.Ranker.Find(SearchQuery.Parse("source:lib model:opus"), 0, 10).Facets;
        Assert.Equal([new("opus", 1), new("sonnet", 1)], facets.Model);
        Assert.Equal(1, facets.Agent);
    }

    [Fact]
    public void Find_FrequentWordMissedByOneLetter_ComesAfterTheOneThatHasTheLetter()
    {
        using var library = new TempLibrary().Agent("agents/z.md", "z", "In passing.", "A manger of hay.");
        for (var i = 0; i < 20; i++)
            library.Agent($"agents/{i}.md", $"manager-{i}", "A manager.", "manager");
        var snapshot = library.Scan();
        var names = snapshot.Ranker.Find("manger").Select(hit => snapshot.Entries[hit.Document].Resource.Name).ToList();
        Assert.Equal(("z", 21), (names[0], names.Count));
    }

    [Fact]
    public void Scan_AfterAChange_SearchFollows()
    {
        _library.Agent("agents/c.md", "chief", "Leads.", "Decides.");
        var next = _library.Scan(_snapshot);
        Assert.Empty(next.Ranker.Find("manager"));
        Assert.Equal("chief", next.Entries[Assert.Single(next.Ranker.Find("chief")).Document].Resource.Name);
        Assert.Equal("manager", Names("manager")[0]);
    }

    [Fact]
    public async Task CountWords_OnManyThreads_CountsAsOnOne()
    {
        var (one, many) = (new TermTable(), new TermTable());
        var documents = Enumerable.Range(0, 200).Select(id => SearchCorpus.Document(new Random(id), one, id)).ToList();
        var counted = new DocumentTerms[documents.Count];
        await Parallel.ForAsync(0, documents.Count, (i, _) =>
        {
            counted[i] = many.CountWords(documents[i].Entry.Resource, System.Text.Encoding.UTF8.GetString(documents[i].Entry.Content.Utf8));
            return ValueTask.CompletedTask;
        });
        var parallel = SearchCorpus.Ranker([.. documents.Zip(counted, (document, terms) => (document.Entry, terms))], many);
        Assert.Equal(SearchCorpus.Ranker(documents, one).Find("manager code"), parallel.Find("manager code"));
    }

    private List<string> Names(string query) => [.. _snapshot.Ranker.Find(query).Select(hit => _snapshot.Entries[hit.Document].Resource.Name)];
}
