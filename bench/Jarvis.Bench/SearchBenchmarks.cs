using BenchmarkDotNet.Attributes;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;

namespace Jarvis.Bench;

/// <summary>The index: built anew, brought up to date, and asked.</summary>
[MemoryDiagnoser]
public class SearchBenchmarks
{
    private readonly TermTable _table = new();
    private readonly List<CatalogEntry> _entries = [];
    private readonly List<DocumentTerms> _documents = [];
    private List<DocumentTerms> _changed = [];
    private Ranker _ranker = null!;

    [Params(1_000, 10_000, 100_000)]
    public int Resources { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        for (var number = 0; number < Resources; number++)
        {
            var (resource, body) = SyntheticLibrary.Resource(number);
            _entries.Add(SyntheticLibrary.Entry(resource, body));
            _documents.Add(_table.CountWords(resource, body));
        }

        var (other, text) = SyntheticLibrary.Resource(Resources);
        _changed = [.. _documents[..^1], _table.CountWords(other, text)];
        _ranker = new(SearchIndex.Build(null, _documents, _table), _entries);
    }

    [Benchmark]
    public SearchIndex Build() => SearchIndex.Build(null, _documents, _table);

    [Benchmark]
    public SearchIndex Change() => SearchIndex.Build(_ranker.Index, _changed, _table);

    [Benchmark]
    [Arguments(100)]
    [Arguments(2_000)]
    public int OneWord(int rank) => SearchLatency.Page(_ranker, _entries, SyntheticLibrary.Word(rank));

    [Benchmark]
    public int TwoWords() => SearchLatency.Page(_ranker, _entries, $"{SyntheticLibrary.Word(100)} {SyntheticLibrary.Word(2_000)}");

    [Benchmark]
    public int Prefix() => SearchLatency.Page(_ranker, _entries, SyntheticLibrary.Word(2_000)[..3]);

    [Benchmark]
    public int Typo() => SearchLatency.Page(_ranker, _entries, SyntheticLibrary.Word(2_000).Insert(3, "z"));
}
