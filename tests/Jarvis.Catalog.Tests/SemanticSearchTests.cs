using System.Net;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;
using Jarvis.Catalog.Semantic;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Catalog.Tests;

public sealed class SemanticSearchTests : IAsyncLifetime
{
    private readonly SemanticMemoryStore _store = new();
    private SemanticFakeProvider _provider = null!;

    public async Task InitializeAsync() => _provider = await SemanticFakeProvider.StartAsync();

    public async Task DisposeAsync() => await _provider.DisposeAsync();

    [Fact]
    public async Task Rank_Meaning_IsFoundWithoutTheWord()
    {
        using var library = Library();
        using var bench = await BenchAsync(library);
        Assert.Empty(bench.Catalog.Snapshot.Ranker.Find("automobile"));
        Assert.Equal("driver", (await bench.NamesAsync("automobile"))[0]);
        Assert.Equal("driver", (await bench.NamesAsync("automobile", SearchMode.Hybrid))[0]);
    }

    [Fact]
    public async Task Rank_Hybrid_PutsWhatBothFoundFirst()
    {
        using var library = Library();
        using var bench = await BenchAsync(library);
        var ranking = await bench.RankAsync("database sql", SearchMode.Hybrid);
        var first = ranking.Entries[0];
        Assert.Equal((SearchMode.Hybrid, true, true), (ranking.Used, first.LexicalRank is not null, first.Cosine is not null));
    }

    [Fact]
    public async Task Rank_SlowProvider_IsLexicalNowAndSemanticLater()
    {
        using var library = Library();
        using var bench = await BenchAsync(library, options => options with { QueryTimeoutMs = 50 });
        var gate = new TaskCompletionSource();
        _provider.Fault = async _ =>
        {
            await gate.Task;
            return null;
        };
        var ranking = await bench.RankAsync("automobile");
        Assert.Equal((SearchMode.Lexical, 3), (ranking.Used, ranking.Coverage!.Embedded));
        Assert.Contains("within 50 ms", ranking.Note, StringComparison.Ordinal);

        var calls = _provider.Calls.Count;
        gate.SetResult();
        while ((await bench.RankAsync("automobile")).Used == SearchMode.Lexical)
        {
            // the request that is on its way answers soon
        }

        Assert.Equal(calls, _provider.Calls.Count);
    }

    [Fact]
    public async Task Rank_SameQueryAgain_AsksTheProviderOnce()
    {
        using var library = Library();
        using var bench = await BenchAsync(library, options => options with { QueryPrefix = "search_query: " });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => bench.RankAsync("automobile")));
        await bench.RankAsync("  automobile ");
        Assert.Equal(["search_query: automobile"], _provider.Texts.Skip(3));

        Assert.Equal(1, bench.Queries.Cache.Stats("catalog").Entries);
        bench.Queries.Cache.Clear();
        await bench.RankAsync("automobile");
        Assert.Equal(5, _provider.Texts.Count);
    }

    [Theory]
    [InlineData("automobile", "driver,keeper,valet,writer")]
    [InlineData("automobile -keys", "driver,keeper,writer")]
    [InlineData("automobile \"drives the\"", "driver")]
    [InlineData("automobile plugin:none", "")]
    [InlineData("automobile -source:lib", "")]
    public async Task Find_FiltersPhrasesAndExclusions_HoldForMeaningToo(string text, string names)
    {
        using var library = Library().Agent("agents/d.md", "valet", "Keeps the keys.");
        using var bench = await BenchAsync(library);
        var (hits, ranking) = await bench.Search.FindAsync(bench.Catalog.Snapshot, SearchMode.Semantic, SearchQuery.Parse(text), 0, 50, CancellationToken.None);
        Assert.Equal(SearchMode.Semantic, ranking.Used);
        Assert.Equal(names, string.Join(',', hits.Hits.Select(hit => bench.Catalog.Snapshot.Entries[hit.Document].Resource.Name).Order(StringComparer.Ordinal)));
        Assert.DoesNotContain(":", _provider.Texts[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("keys", _provider.Texts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_OnlyFilters_IsLexicalAndSaysWhy()
    {
        using var library = Library();
        using var bench = await BenchAsync(library);
        var (hits, ranking) = await bench.Search.FindAsync(bench.Catalog.Snapshot, SearchMode.Hybrid, SearchQuery.Parse("kind:agent"), 0, 50, CancellationToken.None);
        Assert.Equal((SearchMode.Lexical, 3), (ranking.Used, hits.Total));
        Assert.Contains("no words", ranking.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rank_PartlyEmbedded_SaysSo()
    {
        using var library = Library();
        using var bench = await BenchAsync(library);
        library.Agent("agents/new.md", "newcomer", "Sails.");
        bench.Rescan();
        var ranking = await bench.RankAsync("automobile");
        Assert.Equal((SearchMode.Semantic, new EmbeddingCoverage(3, 4)), (ranking.Used, ranking.Coverage));
        Assert.StartsWith("1 of 4 resources have no vector yet", ranking.Note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("semantic")]
    [InlineData("hybrid")]
    public async Task Get_WithoutProvider_IsLexicalAndSaysSo(string mode)
    {
        await using var host = await CatalogHost.StartAsync(Library());
        var answer = await host.JsonAsync($"/api/v2/search?q=car&mode={mode}");
        var data = answer.GetProperty("data");
        Assert.Equal("lexical", answer.GetProperty("metadata").GetProperty("mode_used").GetString());
        Assert.Equal("lexical", data.GetProperty("mode_used").GetString());
        Assert.Contains("no embedding provider", data.GetProperty("mode_note").GetString(), StringComparison.Ordinal);
        Assert.Equal("driver", data.GetProperty("results")[0].GetProperty("name").GetString());

        Assert.Equal("off", (await host.DataAsync("/api/v2/catalog/embeddings")).GetProperty("state").GetString());
        Assert.False((await host.JsonAsync("/health")).GetProperty("checks").TryGetProperty("embeddings", out _));
    }

    [Fact]
    public async Task Get_Lexical_HasNoNoteAndIsNotModifiedWithItsTag()
    {
        await using var host = await CatalogHost.StartAsync(Library());
        using var first = await host.Client.GetAsync(new Uri("/api/v2/search?q=car&mode=lexical", UriKind.Relative));
        Assert.DoesNotContain("mode_note", await first.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v2/search?q=car&mode=lexical", UriKind.Relative));
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task Get_UnknownMode_IsNamed()
    {
        await using var host = await CatalogHost.StartAsync(Library());
        using var response = await host.Client.GetAsync(new Uri("/api/v2/search?mode=magic", UriKind.Relative));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var body = await response.Content.ReadAsStringAsync();
        Assert.Contains("lexical, semantic, hybrid", body, StringComparison.Ordinal);
        Assert.Contains("\"q\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_NothingEmbeddedYet_IsLexicalAndTellsOfPostgres()
    {
        await using var host = await CatalogHost.StartAsync(Library(), Settings());
        var data = await host.DataAsync("/api/v2/search?q=car&mode=semantic");
        Assert.Equal("lexical", data.GetProperty("mode_used").GetString());
        Assert.Contains("nothing is embedded yet", data.GetProperty("mode_note").GetString(), StringComparison.Ordinal);
        Assert.Equal("healthy", (await host.JsonAsync("/health")).GetProperty("checks").GetProperty("embeddings").GetProperty("status").GetString());
        Assert.Empty(_provider.Calls);
    }

    [Fact]
    public async Task Get_WithVectors_RanksByMeaningAndExplains()
    {
        await using var host = await CatalogHost.StartAsync(Library().Write("commands/park.md", "---\ndescription: Parks the car\n---\nGo"), Settings());
        Embed(host);
        var data = await host.DataAsync("/api/v2/search?q=automobile&mode=semantic&limit=1");
        var first = data.GetProperty("results")[0];
        Assert.Equal(("semantic", "semantic"), (data.GetProperty("mode_used").GetString(), first.GetProperty("matched")[0].GetString()));
        Assert.Contains("car", first.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.InRange(first.GetProperty("score").GetDouble(), 0.1, 1);
        Assert.Equal((4, 4), (data.GetProperty("coverage").GetProperty("embedded").GetInt32(), data.GetProperty("coverage").GetProperty("total").GetInt32()));
        Assert.False(data.TryGetProperty("mode_note", out _));
        Assert.True(data.GetProperty("pagination").GetProperty("has_more").GetBoolean());

        var commands = await host.DataAsync("/api/v2/search?q=automobile&mode=hybrid&kind=command");
        Assert.Equal("park", Assert.Single(commands.GetProperty("results").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(3, commands.GetProperty("facets").GetProperty("agent").GetInt32());
        using var response = await host.Client.GetAsync(new Uri("/api/v2/search?q=automobile&mode=hybrid", UriKind.Relative));
        Assert.True(response.Headers.CacheControl!.NoStore);

        var state = await host.DataAsync("/api/v2/catalog/embeddings");
        Assert.Equal(("ollama", "fake", "127.0.0.1"), (state.GetProperty("provider").GetString(), state.GetProperty("model").GetString(), state.GetProperty("host").GetString()));
        Assert.Equal((4, 0, 2), (state.GetProperty("embedded").GetInt32(), state.GetProperty("pending").GetInt32(), state.GetProperty("tokens").GetProperty("queries").GetInt32()));
    }

    [Fact]
    public async Task Get_ProviderFailing_IsLexicalAndSaysWhy()
    {
        await using var host = await CatalogHost.StartAsync(Library(), Settings());
        Embed(host);
        _provider.FailWith(() => Results.StatusCode(500));
        var data = await host.DataAsync("/api/v2/search?q=car&mode=hybrid");
        Assert.Equal("lexical", data.GetProperty("mode_used").GetString());
        Assert.Contains("it answered 500", data.GetProperty("mode_note").GetString(), StringComparison.Ordinal);
        for (var i = 0; i < 8; i++)
            await host.DataAsync($"/api/v2/search?q=car{i}&mode=hybrid");
        Assert.Equal("degraded", (await host.JsonAsync("/health")).GetProperty("checks").GetProperty("embeddings").GetProperty("status").GetString());
    }

    private static TempLibrary Library() => new TempLibrary()
        .Agent("agents/a.md", "keeper", "Tends the database.").Agent("agents/b.md", "driver", "Drives the car.").Agent("agents/c.md", "writer", "Writes prose.");

    /// <summary>Gives every entry its vector, as rounds do where there is a Postgres.</summary>
    private static void Embed(CatalogHost host)
    {
        var index = host.Services.GetRequiredService<SemanticIndex>();
        var snapshot = host.Services.GetRequiredService<CatalogStore>().Snapshot;
        var texts = snapshot.Entries.Select(entry => EmbeddingText.Of(entry, new()));
        index.Add([.. texts.Select(text => new StoredVector(EmbeddingText.Hash(text), SemanticFakeProvider.Embed(text)))]);
        index.Map(snapshot.Entries);
    }

    private string[] Settings() => ["--Embeddings:Provider=ollama", $"--Embeddings:BaseUrl={_provider.Address}", "--Embeddings:Model=fake", "--Embeddings:QueryTimeoutMs=10000"];

    private async Task<SemanticBench> BenchAsync(TempLibrary library, Func<EmbeddingOptions, EmbeddingOptions>? configure = null)
    {
        var bench = new SemanticBench(_provider, library, _store, options => (configure?.Invoke(options) ?? options) with { MaxRetries = 0 });
        await bench.RunAsync();
        return bench;
    }
}
