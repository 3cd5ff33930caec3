namespace Jarvis.Catalog.Search;

/// <summary>
/// One query against one index: finds the terms for each word and sums what their postings give. What a term counts is BM25 over weighted fields
/// (Robertson, Zaragoza and Taylor 2004: the fields' counts are weighted before they saturate), times a factor for how it stands for the word.
/// </summary>
internal sealed class QueryRun(SearchIndex index, EntryTable table, SearchScratch scratch)
{
    private const float JoinedFactor = 0.9f;
    private const float StemFactor = 0.8f;
    private const float PrefixFactor = 0.6f;
    private const float TypoFactor = 0.35f;
    private const float SecondEditFactor = 0.6f;
    private const float PhraseFactor = 1.3f;

    private readonly int _padded = SearchScratch.Padded(index.DocumentCount);

    public List<WordPlan> Plans { get; } = [];

    /// <summary>Whether some word was found misspelt although the index has it well spelt: then tiers keep the order.</summary>
    public bool HasRivals { get; private set; }

    public int RequiredMarks { get; private set; }

    public void Exclude(IReadOnlyList<string> words)
    {
        foreach (var entry in PhraseFinder.Find(index, table, words))
            scratch.Marks[entry] = SearchScratch.Excluded;
    }

    public void Words(IReadOnlyList<QueryWord> words)
    {
        var texts = new List<string>(words.Count);
        foreach (var word in words)
        {
            if (word.Parts.Count > 0 && !Knows(word.Text))
                texts.AddRange(word.Parts);
            else
                texts.Add(word.Text);
        }

        for (var i = 0; i < texts.Count; i++)
            Word(texts[i], i > 0 ? texts[i - 1] : null, i + 1 < texts.Count ? texts[i + 1] : null);
    }

    public void Phrase(IReadOnlyList<string> words)
    {
        var plan = new WordPlan(string.Join(' ', words)) { Phrase = words };
        Plans.Add(plan);
        foreach (var word in words)
        {
            if (index.Terms.NumberOf(word) is { } number)
                plan.Note(number, MatchKind.Phrase);
        }

        RequiredMarks++;
        var entries = PhraseFinder.Find(index, table, words);
        if (entries.Count == 0)
            return;
        plan.Weight = Idf(entries.Count) * words.Count;
        foreach (var entry in entries)
        {
            var (document, norm, best) = (index.Documents[entry], index.Norms[entry], 0f);
            foreach (var form in plan.Forms)
            {
                if (Array.BinarySearch(document.Terms, form.Number) is var at and >= 0 && DocumentTerms.Weighted(document.Impacts[at]) is var weight)
                    best = Math.Max(best, (FieldWeights.K1 + 1) * weight / (weight + norm));
            }

            scratch.Score[entry] += best * plan.Weight * PhraseFactor;
            scratch.Cover[entry] += plan.Weight;
            scratch.Words[entry]++;
            if (scratch.Marks[entry] >= 0)
                scratch.Marks[entry]++;
        }
    }

    private void Word(string word, string? before, string? after)
    {
        var plan = new WordPlan(word);
        Plans.Add(plan);
        Exactly(word, plan, 1);
        // "git hub" and "data base" are written as one word too.
        if (before is not null)
            Exactly(before + word, plan, JoinedFactor);
        if (after is not null)
            Exactly(word + after, plan, JoinedFactor);
        OtherForms(word, plan, StemFactor, MatchKind.Stem, scratch.Exact);
        var exact = plan.Forms.Count > 0 ? WordSums.Count(Column(scratch.Exact), Column(scratch.Exact)) : 0;
        if (after is null || (exact == 0 && word.Length >= 3))
            Prefixed(word, plan);
        var wellSpelt = plan.IsPrefix ? WordSums.Count(Column(scratch.Exact), Column(scratch.Prefix)) : exact;
        var found = wellSpelt;
        if (Misspelt(word, plan, wellSpelt))
        {
            // A document with the word itself is not counted again.
            found += WordSums.CountOnly(Column(scratch.Typo), Column(scratch.Exact), Column(scratch.Prefix));
        }

        if (found == 0)
            return;
        var (narrow, wide) = (Idf(exact), Idf(found));
        plan.Weight = exact > 0 ? narrow : wide;
        var rivals = wellSpelt > 0 && found > wellSpelt;
        HasRivals |= rivals;
        WordSums.Add(scratch, index.Norms, _padded, PrefixFactor, new(narrow, wide, plan.Weight, rivals));
    }

    private void Exactly(string term, WordPlan plan, float factor)
    {
        for (var i = 0; i < index.Segments.Length; i++)
        {
            var segment = index.Segments[i];
            var ordinal = segment.Find(term);
            if (ordinal < 0)
                continue;
            plan.Note(segment.Number(ordinal), MatchKind.Exact);
            WordSums.Saturate(segment.Postings(ordinal), index.Maps[i], index.Norms, factor, scratch.Exact);
        }
    }

    private void OtherForms(string word, WordPlan plan, float factor, MatchKind how, float[] into)
    {
        if (index.Terms.FamilyOf(word) is not { } family)
            return;
        for (var i = 0; i < index.Segments.Length; i++)
        {
            var segment = index.Segments[i];
            foreach (var ordinal in segment.Family(family))
            {
                if (segment.Term(ordinal) == word)
                    continue;
                plan.Note(segment.Number(ordinal), how);
                WordSums.Saturate(segment.Postings(ordinal), index.Maps[i], index.Norms, factor, into);
            }
        }
    }

    private void Prefixed(string word, WordPlan plan)
    {
        plan.Prefixes = new();
        for (var i = 0; i < index.Segments.Length; i++)
        {
            var segment = index.Segments[i];
            var (from, to) = segment.Prefixed(word);
            for (var ordinal = from; ordinal < to; ordinal++)
            {
                var length = segment.Term(ordinal).Length;
                if (length == word.Length)
                    continue;
                plan.Prefixes.Add(segment.Number(ordinal));
                // One or two letters begin half of all words: they are looked for where a resource says what it is.
                WordSums.Weigh(segment.Postings(ordinal, outsideOnly: word.Length < 3), index.Maps[i], 0.4f + (0.6f * word.Length / length), scratch.Prefix);
            }
        }
    }

    private bool Misspelt(string word, WordPlan plan, int wellSpelt)
    {
        var candidates = Misspellings.Of(word, index, wellSpelt);
        if (candidates.Count == 0)
            return false;
        if (wellSpelt == 0)
            plan.Correction = candidates[0].Term;
        foreach (var (term, edits) in candidates)
        {
            var factor = TypoFactor * (edits == 1 ? 1 : SecondEditFactor);
            for (var i = 0; i < index.Segments.Length; i++)
            {
                var ordinal = index.Segments[i].Find(term);
                if (ordinal < 0)
                    continue;
                plan.Note(index.Segments[i].Number(ordinal), MatchKind.Typo);
                WordSums.Saturate(index.Segments[i].Postings(ordinal), index.Maps[i], index.Norms, factor, scratch.Typo);
            }
        }

        // The other forms of what was probably meant.
        OtherForms(candidates[0].Term, plan, TypoFactor * StemFactor, MatchKind.Typo, scratch.Typo);
        return true;
    }

    private bool Knows(string term)
    {
        for (var i = 0; i < index.Segments.Length; i++)
        {
            if (index.Segments[i].Find(term) is var ordinal and >= 0 && index.Live(i, ordinal) > 0)
                return true;
        }

        return false;
    }

    private Span<float> Column(float[] column) => column.AsSpan(0, _padded);

    private float Idf(int documents) => MathF.Log(1 + ((index.DocumentCount - documents + 0.5f) / (documents + 0.5f)));
}
