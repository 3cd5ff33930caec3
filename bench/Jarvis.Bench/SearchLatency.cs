using System.Diagnostics;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;

namespace Jarvis.Bench;

/// <summary>Percentiles by class of query, a page of 20 with its highlights, beside FTS5; what the index takes; how soon it follows a change.</summary>
public static class SearchLatency
{
    private const int Queries = 300;
    private const int Rounds = 5;
    private const int WarmUp = 30;

    /// <summary>Writes the table for a library of one size.</summary>
    /// <param name="count">How many resources.</param>
    /// <param name="alone">Without FTS5, which takes most of the time.</param>
    /// <param name="output">Where the figures go.</param>
    public static void Measure(int count, bool alone, TextWriter output)
    {
        using var sqlite = !alone && SqliteFts.IsInstalled ? new SqliteFts() : null;
        var table = new TermTable();
        var entries = new List<CatalogEntry>(count);
        var documents = new List<DocumentTerms>(count);
        var (counting, storing) = (new Stopwatch(), new Stopwatch());
        var (contents, before) = (0L, GC.GetTotalMemory(forceFullCollection: true));
        for (var number = 0; number < count; number++)
        {
            var (resource, body) = SyntheticLibrary.Resource(number);
            entries.Add(SyntheticLibrary.Entry(resource, body));
            contents += entries[^1].Content.Utf8.Length;
            counting.Start();
            documents.Add(table.CountWords(resource, body));
            counting.Stop();
            storing.Start();
            sqlite?.Add(resource, body);
            storing.Stop();
        }

        storing.Start();
        sqlite?.Complete();
        storing.Stop();
        var building = Stopwatch.StartNew();
        var index = SearchIndex.Build(null, documents, table);
        building.Stop();
        var ranker = new Ranker(index, entries);
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{count} resources: words counted in {counting.ElapsedMilliseconds} ms, index built in {building.ElapsedMilliseconds} ms; "
            + $"{taken / 1024.0 / count:F1} KB a resource in all, {contents / 1024.0 / count:F1} of it content; FTS5 filled in {storing.ElapsedMilliseconds} ms");
        Follow(index, documents, entries, table, output);

        output.WriteLine($"{"query",-12}{"p50 ms",10}{"p99 ms",10}{"hits",10}{"FTS5 p50",12}{"FTS5 p99",10}");
        var random = new Random(1);
        // Words that are asked for: from frequent (rank 30, in most documents) to rare.
        string Word() => SyntheticLibrary.Word((int)(30 * Math.Pow(400, random.NextDouble())));
        // A service that runs for a while has its code compiled for speed.
        Measured([.. Enumerable.Range(0, 100).Select(_ => $"{Word()} {Misspelt(random, Word())}")], query => Page(ranker, entries, query), WarmUp);
        random = new(1);
        Class("one word", () => Word(), query => query);
        Class("two words", () => $"{Word()} {Word()}", query => query.Replace(" ", " OR ", StringComparison.Ordinal));
        Class("prefix", () => Word() is var word ? word[..Math.Min(word.Length, 3)] : "", query => $"{query}*");
        Class("typo", () => Misspelt(random, Word()), query => query);
        Class("filtered", () => $"{Word()} kind:agent model:opus", query => query.Split(' ')[0]);
        Class("phrase", () => $"\"{Word()} {Word()}\"", query => query);

        void Class(string name, Func<string> next, Func<string, string> match)
        {
            string[] queries = [.. Enumerable.Range(0, Queries).Select(_ => next())];
            var hits = 0L;
            var mine = Measured(queries, query => hits += Page(ranker, entries, query));
            var theirs = sqlite is null ? [double.NaN] : Measured(queries[..60], query => sqlite.Search(match(query)), rounds: 2);
            output.WriteLine($"{name,-12}{At(mine, 50),10:F3}{At(mine, 99),10:F3}{hits / (Rounds * Queries),10}{At(theirs, 50),12:F3}{At(theirs, 99),10:F3}");
        }
    }

    /// <summary>What a request does, up to its JSON.</summary>
    internal static int Page(Ranker ranker, IReadOnlyList<CatalogEntry> entries, string text)
    {
        var hits = ranker.Find(SearchQuery.Parse(text), 0, 20);
        foreach (var hit in hits.Hits)
        {
            var why = ranker.Explain(hits, hit.Document);
            var (entry, found) = (entries[hit.Document], false);
            found |= Highlighter.Of("name", entry.Resource.Name, why.Terms) is not null;
            found |= Highlighter.Of("description", entry.Resource.Description, why.Terms) is not null;
            if (!found && why.Fields.HasFlag(MatchedFields.Body))
                Highlighter.Of("body", entry.Content.Utf8, why.Terms);
        }

        return hits.Total;
    }

    private static void Follow(SearchIndex index, List<DocumentTerms> documents, List<CatalogEntry> entries, TermTable table, TextWriter output)
    {
        var (changed, texts) = (new List<DocumentTerms>(documents), new List<CatalogEntry>(entries));
        var ranker = new Ranker(index, entries);
        var times = new List<double>();
        for (var i = 0; i < 30; i++)
        {
            var at = i * 31 % changed.Count;
            var (resource, body) = SyntheticLibrary.Resource(documents.Count + i);
            texts[at] = SyntheticLibrary.Entry(resource, body);
            times.Add(Timed(() =>
            {
                changed[at] = table.CountWords(resource, body);
                ranker = new(SearchIndex.Build(ranker.Index, changed.ToList(), table), texts.ToList(), ranker);
            }));
        }

        times.Sort();
        output.WriteLine($"one changed file: p50 {At([.. times], 50):F1} ms, worst {times[^1]:F1} ms until it is in search");
    }

    private static string Misspelt(Random random, string word)
    {
        var at = 1 + random.Next(Math.Max(1, word.Length - 1));
        return word.Length < 4 ? $"{word}x" : random.Next(2) == 0 ? word.Remove(Math.Min(at, word.Length - 1), 1) : word.Insert(at, "z");
    }

    /// <summary>What each query takes, at its best: what else the machine does at the moment is not the query's.</summary>
    private static double[] Measured(string[] queries, Action<string> search, int rounds = Rounds)
    {
        var best = Array.ConvertAll(queries, _ => double.MaxValue);
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < queries.Length; i++)
                best[i] = Math.Min(best[i], Timed(() => search(queries[i])));
        }

        Array.Sort(best);
        return best;
    }

    private static double Timed(Action action)
    {
        var started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static double At(double[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
}
