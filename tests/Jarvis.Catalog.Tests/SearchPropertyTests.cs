using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Tests;

/// <summary>What holds of any text, any query and any sequence of changes.</summary>
public sealed class SearchPropertyTests
{
    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(10_000);
    private static readonly TermTable Table = new();

    // Some hundred collections with ten thousand queries, rather than ten thousand collections: most of the time would go into making them.
    private static readonly Lazy<(CatalogEntry Entry, DocumentTerms Terms)>[] Documents =
        [.. Enumerable.Range(0, 400).Select(id => new Lazy<(CatalogEntry, DocumentTerms)>(() => SearchCorpus.Document(new Random(id), Table, id)))];

    private static readonly Lazy<(List<CatalogEntry> Entries, Ranker Ranker)>[] Corpora =
        [.. Enumerable.Range(0, 200).Select(id => new Lazy<(List<CatalogEntry>, Ranker)>(() => Made(new Random(id), 8 + (id % 12))))];

    [Fact]
    public void Tokens_OfAnyText_LieWithinItAndComeAgain() => Prop.ForAll<string, int>((given, seed) =>
    {
        var text = Mixed(given ?? "", new Random(seed));
        Span<char> buffer = stackalloc char[TokenReader.MaxTokenLength];
        foreach (var forms in (TokenForms[])[TokenForms.Words, TokenForms.Parts, TokenForms.Parts | TokenForms.Joined])
        {
            var reader = new TokenReader(text, buffer, forms);
            var tokens = new List<string>();
            while (reader.Read())
            {
                if (reader.Token.IsEmpty || reader.Token.Length > TokenReader.MaxTokenLength || reader.Start < 0 || reader.Length <= 0 || reader.Start + reader.Length > text.Length)
                    return false;
                tokens.Add(reader.Token.ToString());
            }

            if (!tokens.SequenceEqual(Tokenizer.Words(text, forms), StringComparer.Ordinal))
                return false;
        }

        // What a query asks for is in the index.
        return Tokenizer.Words(text).Except(Tokenizer.Words(text, TokenForms.Parts), StringComparer.Ordinal).Any() is false;
    }).Check(Cases);

    [Fact]
    public void Stem_OfAnyWord_IsNoLongerThanItByMoreThanALetter() => Prop.ForAll<string>(word => EnglishStemmer.Stem(word ?? "").Length <= (word ?? "").Length + 1).Check(Cases);

    [Fact]
    public void Parse_AnyText_IsAQueryThatCanBeAsked()
    {
        var ranker = Corpora[7].Value.Ranker;
        Prop.ForAll<string, int>((given, seed) =>
        {
            var query = SearchQuery.Parse(Mixed(given ?? "", new Random(seed)));
            var hits = ranker.Find(query, 0, 5);
            return hits.Hits.Count <= 5 && hits.Total >= hits.Hits.Count;
        }).Check(Cases);
    }

    [Fact]
    public void Find_WellSpelt_IsNeverBelowMisspelt() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var (entries, ranker) = Corpora[random.Next(Corpora.Length)].Value;
        var query = SearchQuery.Parse(SearchCorpus.Words(random, random.Next(2)));
        var hits = ranker.Find(query, 0, 100);
        var misspelt = false;
        foreach (var hit in hits.Hits)
        {
            var here = Tokenizer.Words(SearchCorpus.Text(entries[hit.Document]));
            if (misspelt && query.Words.All(word => here.Contains(word.Text)))
                return false;
            // A word that no document has well spelt has no rival.
            misspelt |= ranker.Explain(hits, hit.Document).Words.Any(word => word.How == MatchKind.Typo);
        }

        return true;
    }).Check(Cases);

    [Fact]
    public void Find_ExclusionsAndFilters_HoldForEveryHit() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var (entries, ranker) = Corpora[random.Next(Corpora.Length)].Value;
        var (word, excluded) = (SearchCorpus.Word(random), Tokenizer.Words(SearchCorpus.Word(random)));
        var unwanted = string.Join(' ', excluded);
        var hits = ranker.Find(SearchQuery.Parse($"{word} -\"{unwanted}\" kind:agent tool:bash"), 0, 100).Hits;
        return hits.All(hit => entries[hit.Document].Resource is Catalog.Resources.Agent { Tools.Count: 2 }
            && !PhraseMatcher.Has(SearchCorpus.Text(entries[hit.Document]), excluded));
    }).Check(Cases);

    [Fact]
    public void Find_Phrase_IsWhatTheTextsHave() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var (entries, ranker) = Corpora[random.Next(Corpora.Length)].Value;
        var words = Tokenizer.Words(SearchCorpus.Words(random, 1 + random.Next(2)));
        var hits = ranker.Find(SearchQuery.Parse($"\"{string.Join(' ', words)}\""), 0, 100).Hits.Select(hit => hit.Document);
        return hits.Order().SequenceEqual(Enumerable.Range(0, entries.Count).Where(entry => PhraseMatcher.Has(entries[entry], words)));
    }).Check(Cases);

    [Fact]
    public void Find_PageByPage_IsTheWholeAndTheSameAgain() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var (_, ranker) = Corpora[random.Next(Corpora.Length)].Value;
        var query = SearchQuery.Parse(SearchCorpus.Words(random, random.Next(3)));
        var whole = ranker.Find(query, 0, 100);
        var size = 1 + random.Next(4);
        var pages = new List<Hit>();
        for (var offset = 0; offset < whole.Total; offset += size)
            pages.AddRange(ranker.Find(query, offset, size).Hits);
        return pages.SequenceEqual(whole.Hits) && pages.Zip(pages.Skip(1)).All(pair => pair.First.Score >= pair.Second.Score);
    }).Check(Cases);

    [Fact]
    public void Build_AfterAnyChanges_GivesWhatAFreshIndexGives() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var others = new Queue<(CatalogEntry, DocumentTerms)>(Enumerable.Range(random.Next(300), 40).Select(id => Documents[id].Value));
        var documents = Enumerable.Range(0, random.Next(12)).Select(_ => others.Dequeue()).ToList();
        var ranker = SearchCorpus.Ranker(documents, Table);
        for (var step = 0; step < 3; step++)
        {
            for (var change = random.Next(4); change >= 0; change--)
            {
                var at = random.Next(documents.Count + 1);
                if (at < documents.Count && random.Next(2) == 0)
                    documents.RemoveAt(at);
                else
                    documents.Insert(at, others.Dequeue());
            }

            // Merges of more than two documents run beside; some are done by the next step, some are not.
            ranker = SearchCorpus.Ranker(documents, Table, ranker, maxAtOnce: random.Next(2) == 0 ? 2 : 100);
            if (random.Next(2) == 0 && ranker.Index.Aside is { } aside)
                Task.WaitAny(aside.Running);
        }

        var fresh = SearchCorpus.Ranker(documents, Table);
        return Enumerable.Range(0, 3).Select(_ => SearchCorpus.Words(random, random.Next(2))).All(query => IsSame(ranker, fresh, $"{query} -kind:command"));
    }).Check(Cases);

    private static bool IsSame(Ranker ranker, Ranker fresh, string query)
    {
        var (hits, others) = (ranker.Find(SearchQuery.Parse(query), 0, 100), fresh.Find(SearchQuery.Parse(query), 0, 100));
        return hits.Hits.SequenceEqual(others.Hits) && hits.Suggestion == others.Suggestion && Facets(hits.Facets) == Facets(others.Facets);
    }

    private static string Facets(SearchFacets facets) => System.Text.Json.JsonSerializer.Serialize(facets);

    private static (List<CatalogEntry> Entries, Ranker Ranker) Made(Random random, int count)
    {
        var table = new TermTable();
        var documents = Enumerable.Range(0, count).Select(id => SearchCorpus.Document(random, table, id)).ToList();
        return (documents.ConvertAll(document => document.Entry), SearchCorpus.Ranker(documents, table));
    }

    // FsCheck's strings are mostly short and ASCII: what the readers look at is mixed in.
    private static string Mixed(string given, Random random)
    {
        string[] pieces = ["-", "\"", "kind:", "tool:\"", " ", "'s", "C#", "c++", "XMLHttp", "日本", "é", "e\u0301", "\ud83d\ude00", "\ud842\udfb7", "\ud800", "\u0e01\u0e34", "_", "ß", "İ", "-manager", "code"];
        var text = new StringBuilder(given);
        for (var i = random.Next(6); i > 0; i--)
            text.Insert(random.Next(text.Length + 1), pieces[random.Next(pieces.Length)]);
        return text.ToString();
    }
}
