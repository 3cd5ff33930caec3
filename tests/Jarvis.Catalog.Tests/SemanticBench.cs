using System.Diagnostics.Metrics;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Semantic;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Catalog.Tests;

/// <summary>One replica's semantic search over a library, with a store that outlives it; rounds are run by hand.</summary>
public sealed class SemanticBench : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly HttpClient _http = SemanticRegistrationHttp();

    public SemanticBench(SemanticFakeProvider provider, TempLibrary library, SemanticMemoryStore store, Func<EmbeddingOptions, EmbeddingOptions>? configure = null)
    {
        Library = library;
        var options = new EmbeddingOptions { Provider = "ollama", BaseUrl = provider.Address, Model = "fake", MaxRetries = 0, BaseDelayMs = 1 };
        Options = configure?.Invoke(options) ?? options;
        var wrapped = Microsoft.Extensions.Options.Options.Create(Options);
        Index = new(wrapped);
        Provider = new HttpEmbeddings(_http, new(wrapped, TimeProvider.System), new(new Meters(), wrapped), wrapped, TimeProvider.System);
        Round = new(Catalog, Index, store, Provider, State, wrapped, TimeProvider.System);
        Queries = new(Provider, wrapped, TimeProvider.System);
        _services = new ServiceCollection().AddSingleton(Queries).BuildServiceProvider();
        Search = new(Index, wrapped, _services);
        Rescan();
    }

    public TempLibrary Library { get; }

    public EmbeddingOptions Options { get; }

    public CatalogStore Catalog { get; } = new();

    public EmbeddingState State { get; } = new(TimeProvider.System);

    public SemanticIndex Index { get; }

    public IEmbeddingProvider Provider { get; }

    public EmbeddingRound Round { get; }

    public QueryVectors Queries { get; }

    public SemanticSearch Search { get; }

    public void Rescan() => Catalog.Replace(Library.Scan(Catalog.Current));

    public async Task RunAsync()
    {
        while (await Round.RunAsync(CancellationToken.None))
        {
            // until a round finds nothing to do
        }
    }

    /// <summary>Names, best first.</summary>
    public async Task<List<string>> NamesAsync(string text, SearchMode mode = SearchMode.Semantic) =>
        [.. (await RankAsync(text, mode)).Entries.Select(entry => Catalog.Snapshot.Entries[entry.Entry].Resource.Name)];

    public Task<SemanticRanking> RankAsync(string text, SearchMode mode = SearchMode.Semantic) => Search.RankAsync(
        Catalog.Snapshot, mode, text, [.. Catalog.Snapshot.Ranker.Find(text).Select(hit => hit.Document)], filter: null, CancellationToken.None);

    public void Dispose()
    {
        _services.Dispose();
        _http.Dispose();
    }

    private static HttpClient SemanticRegistrationHttp() => Microsoft.Extensions.Hosting.SemanticRegistration.CreateHttpClient();

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
            // nothing is kept
        }
    }
}
