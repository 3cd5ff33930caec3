using System.Buffers;

namespace Jarvis.Catalog.Search;

/// <summary>
/// Finds a phrase's documents. The index tells which have all its words in one field, the documents' word pairs leave few of those, and only
/// these are read.
/// </summary>
internal static class PhraseFinder
{
    // What a phrase is looked for in; a tool's or kind's words are terms only.
    private const MatchedFields Read = MatchedFields.Name | MatchedFields.Tags | MatchedFields.Description | MatchedFields.Body;

    /// <summary>The entries with the phrase; of a single word those that have it anywhere.</summary>
    public static List<int> Find(SearchIndex index, EntryTable table, IReadOnlyList<string> words)
    {
        var found = new List<int>();
        string[] distinct = [.. words.Distinct(StringComparer.Ordinal)];
        var pairs = WordPairs.Of(words, index.Terms);
        for (var i = 0; i < index.Segments.Length; i++)
        {
            var (segment, map) = (index.Segments[i], index.Maps[i]);
            var ordinals = Array.ConvertAll(distinct, segment.Find);
            if (ordinals.Contains(-1))
                continue;
            Array.Sort(ordinals, (left, right) => segment.Postings(left).Documents.Length.CompareTo(segment.Postings(right).Documents.Length));
            var together = Together(segment, ordinals, anywhere: words.Count == 1);
            // By itself, so that the processor fetches several documents at a time.
            together.RemoveAll(document => map[document] < 0 || !segment.Documents[document].Pairs.MayHave(pairs));
            foreach (var document in together)
            {
                if (words.Count == 1 || PhraseMatcher.Has(table.Entry(map[document]), words))
                    found.Add(map[document]);
            }
        }

        return found;
    }

    /// <summary>The documents that have all the terms in one field; the rarest term comes first.</summary>
    private static List<int> Together(IndexSegment segment, int[] ordinals, bool anywhere)
    {
        // For each document how many of the terms it has so far, and above them the fields that have them all.
        var states = ArrayPool<int>.Shared.Rent(segment.Documents.Length);
        Array.Clear(states, 0, segment.Documents.Length);
        for (var i = 0; i < ordinals.Length; i++)
        {
            var postings = segment.Postings(ordinals[i]);
            for (var j = 0; j < postings.Documents.Length; j++)
            {
                ref var state = ref states[postings.Documents[j]];
                var fields = (int)(DocumentTerms.Fields(postings.Impacts[j]) & Read);
                if (anywhere || (i == 0 && fields != 0))
                    state = (fields << 16) | 1;
                else if (i > 0 && (state & 0xFFFF) == i && ((state >> 16) & fields) is var all and not 0)
                    state = (all << 16) | (i + 1);
            }
        }

        var together = new List<int>();
        foreach (var document in segment.Postings(ordinals[0]).Documents)
        {
            if ((states[document] & 0xFFFF) == ordinals.Length)
                together.Add(document);
        }

        ArrayPool<int>.Shared.Return(states);
        return together;
    }
}
