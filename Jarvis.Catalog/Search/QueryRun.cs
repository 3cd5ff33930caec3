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
    private const int MaxTypos = 24;

    // A misspelling that some document has too is corrected when the other word is that much more frequent.
    private const int CorrectionRatio = 10;

    private readonly float _norm = FieldWeights.K1 * (1 - FieldWeights.B);
    private readonly float _normPerWord = FieldWeights.K1 * FieldWeights.B / index.AverageLength;
    private int _ofWord;

    public List<WordPlan> Plans { get; } = [];

    /// <summary>Whether some word was found misspelt although the index has it well spelt: then tiers keep the order.</summary>
    public bool HasRivals { get; private set; }

    public int RequiredMarks { get; private set; }

    public void Exclude(IReadOnlyList<string> words)
    {
        CollectAll(words, document =>
        {
            if (words.Count > 1 && !PhraseMatcher.Has(table.Entry(document), words))
                return;
            scratch.Touch(document);
            scratch.Marks[document] = SearchScratch.Excluded;
        });
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
            Exactly(word, plan, 1, MatchKind.Phrase);
        // The sums hold documents with any of the words; those with all, side by side, are the phrase's.
        var all = new HashSet<int>();
        CollectAll(words, document =>
        {
            if (words.Count == 1 || PhraseMatcher.Has(table.Entry(document), words))
                all.Add(document);
        });
        foreach (var document in scratch.OfWord.AsSpan(0, _ofWord))
        {
            if (!all.Contains(document))
                scratch.Exact[document] = 0;
        }

        var weight = Idf(all.Count) * words.Count;
        plan.Weight = all.Count > 0 ? weight : 0;
        foreach (var document in scratch.OfWord.AsSpan(0, _ofWord))
        {
            if (scratch.Exact[document] > 0)
            {
                scratch.Touch(document);
                Add(document, scratch.Exact[document] * weight * PhraseFactor, weight, isRival: false);
                if (scratch.Marks[document] >= 0)
                    scratch.Marks[document]++;
            }

            scratch.Exact[document] = 0;
        }

        RequiredMarks++;
        _ofWord = 0;
    }

    private void Word(string word, string? before, string? after)
    {
        var plan = new WordPlan(word);
        Plans.Add(plan);
        Exactly(word, plan, 1, MatchKind.Exact);
        // "git hub" and "data base" are written as one word too.
        if (before is not null)
            Exactly(before + word, plan, JoinedFactor, MatchKind.Exact);
        if (after is not null)
            Exactly(word + after, plan, JoinedFactor, MatchKind.Exact);
        OtherForms(word, plan, StemFactor, MatchKind.Stem, scratch.Exact);
        var exact = _ofWord;
        if (after is null || (exact == 0 && word.Length >= 3))
            Prefixed(word, plan);
        var wellSpelt = _ofWord;
        Misspelt(word, plan, wellSpelt);
        Sum(plan, exact, wellSpelt);
    }

    private void Exactly(string term, WordPlan plan, float factor, MatchKind how)
    {
        foreach (var (segment, map) in index.Segments.Zip(index.Maps))
        {
            var ordinal = segment.Find(term);
            if (ordinal < 0)
                continue;
            Note(plan, segment.Number(ordinal), how);
            Take(segment, map, ordinal, factor, outsideOnly: false, scratch.Exact);
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
                Note(plan, segment.Number(ordinal), how);
                Take(segment, index.Maps[i], ordinal, factor, outsideOnly: false, into);
            }
        }
    }

    private void Prefixed(string word, WordPlan plan)
    {
        plan.IsPrefix = true;
        for (var i = 0; i < index.Segments.Length; i++)
        {
            var segment = index.Segments[i];
            var (from, to) = segment.Prefixed(word);
            for (var ordinal = from; ordinal < to; ordinal++)
            {
                var length = segment.Term(ordinal).Length;
                // One or two letters begin half of all words: they are looked for where a resource says what it is.
                if (length > word.Length)
                    Take(segment, index.Maps[i], ordinal, PrefixFactor * (0.4f + (0.6f * word.Length / length)), outsideOnly: word.Length < 3, scratch.Loose);
            }
        }
    }

    private void Misspelt(string word, WordPlan plan, int wellSpelt)
    {
        var max = word.Length >= 8 ? 2 : word.Length >= 4 ? 1 : 0;
        if (max == 0 || wellSpelt > 3 + (index.DocumentCount / 2000) || !word.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return;
        var candidates = new Dictionary<int, (int Edits, int Documents)>();
        var found = new List<(int Ordinal, int Edits)>();
        for (var i = 0; i < index.Segments.Length; i++)
        {
            found.Clear();
            index.Segments[i].Misspelt(word, max, found);
            foreach (var (ordinal, edits) in found)
            {
                var number = index.Segments[i].Number(ordinal);
                candidates[number] = (edits, candidates.GetValueOrDefault(number).Documents + Live(i, ordinal));
            }
        }

        var chosen = candidates.Where(pair => pair.Value.Documents > 0 && pair.Value.Documents >= wellSpelt * CorrectionRatio && !StopWords.Has(index.Terms[pair.Key]))
            .Select(pair => (Term: index.Terms[pair.Key], pair.Value.Edits, pair.Value.Documents))
            .OrderBy(each => each.Edits).ThenByDescending(each => each.Documents).ThenBy(each => each.Term, StringComparer.Ordinal).Take(MaxTypos).ToList();
        if (chosen.Count == 0)
            return;
        if (wellSpelt == 0)
            plan.Correction = chosen[0].Term;
        foreach (var (term, edits, _) in chosen)
        {
            var factor = TypoFactor * (edits == 1 ? 1 : SecondEditFactor);
            for (var i = 0; i < index.Segments.Length; i++)
            {
                var ordinal = index.Segments[i].Find(term);
                if (ordinal < 0)
                    continue;
                Note(plan, index.Segments[i].Number(ordinal), MatchKind.Typo);
                Take(index.Segments[i], index.Maps[i], ordinal, factor, outsideOnly: false, scratch.Loose);
            }
        }

        // The other forms of what was probably meant.
        OtherForms(chosen[0].Term, plan, TypoFactor * StemFactor, MatchKind.Typo, scratch.Loose);
    }

    /// <summary>Adds what the word gave each document to the sums.</summary>
    private void Sum(WordPlan plan, int exact, int wellSpelt)
    {
        if (_ofWord == 0)
            return;
        var (narrow, wide) = (Idf(exact), Idf(_ofWord));
        plan.Weight = exact > 0 ? narrow : wide;
        var rivals = wellSpelt > 0 && _ofWord > wellSpelt;
        HasRivals |= rivals;
        for (var i = 0; i < _ofWord; i++)
        {
            var document = scratch.OfWord[i];
            var score = Math.Max(scratch.Exact[document] * narrow, scratch.Loose[document] * wide);
            (scratch.Exact[document], scratch.Loose[document]) = (0, 0);
            scratch.Touch(document);
            Add(document, score, plan.Weight, rivals && i >= wellSpelt);
        }

        _ofWord = 0;
    }

    private void Add(int document, float score, float weight, bool isRival)
    {
        scratch.Score[document] += score;
        scratch.Cover[document] += weight;
        scratch.Words[document] += (ushort)(isRival ? 0x100 : 1);
    }

    private void Take(IndexSegment segment, int[] map, int ordinal, float factor, bool outsideOnly, float[] into)
    {
        var (documents, impacts) = segment.Postings(ordinal, outsideOnly);
        var (lengths, exact, loose, ofWord) = (segment.Lengths, scratch.Exact, scratch.Loose, scratch.OfWord);
        var numbers = documents.Span;
        var values = impacts.Span;
        factor *= FieldWeights.K1 + 1;
        for (var i = 0; i < numbers.Length; i++)
        {
            var document = map[numbers[i]];
            if (document < 0)
                continue;
            var weighted = DocumentTerms.Weighted(values[i]);
            var score = factor * weighted / (weighted + _norm + (_normPerWord * lengths[numbers[i]]));
            if (exact[document] == 0 && loose[document] == 0)
                ofWord[_ofWord++] = document;
            if (score > into[document])
                into[document] = score;
        }
    }

    private int Live(int segment, int ordinal)
    {
        var live = 0;
        foreach (var document in index.Segments[segment].Postings(ordinal).Documents.Span)
            live += index.Maps[segment][document] >= 0 ? 1 : 0;
        return live;
    }

    private bool Knows(string term)
    {
        for (var i = 0; i < index.Segments.Length; i++)
        {
            if (index.Segments[i].Find(term) is var ordinal and >= 0 && Live(i, ordinal) > 0)
                return true;
        }

        return false;
    }

    /// <summary>Calls <paramref name="found"/> for each document that has all the words.</summary>
    private void CollectAll(IReadOnlyList<string> words, Action<int> found)
    {
        var distinct = words.Distinct(StringComparer.Ordinal).ToList();
        for (var i = 0; i < index.Segments.Length; i++)
        {
            var segment = index.Segments[i];
            var ordinals = distinct.ConvertAll(segment.Find);
            if (ordinals.Exists(ordinal => ordinal < 0))
                continue;
            ordinals.Sort((left, right) => segment.Postings(left).Documents.Length.CompareTo(segment.Postings(right).Documents.Length));
            var documents = new HashSet<int>(segment.Postings(ordinals[0]).Documents.ToArray());
            foreach (var ordinal in ordinals.Skip(1))
                documents.IntersectWith(segment.Postings(ordinal).Documents.ToArray());
            foreach (var document in documents)
            {
                if (index.Maps[i][document] is var entry and >= 0)
                    found(entry);
            }
        }
    }

    private static void Note(WordPlan plan, int number, MatchKind how)
    {
        if (!plan.Forms.Exists(form => form.Number == number))
            plan.Forms.Add(new(number, how));
    }

    private float Idf(int documents) => MathF.Log(1 + ((index.DocumentCount - documents + 0.5f) / (documents + 0.5f)));
}
