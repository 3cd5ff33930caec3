using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Search;

/// <summary>
/// Numbers for terms, shared by all documents, so that a term's text is kept once. Files may be counted on several threads at a time. Terms of
/// files that are gone stay until they are the most, when the scanner begins a new table; beyond <see cref="MaxTerms"/> new ones are not numbered, so that
/// a file which is written anew with other random words each second cannot fill the memory until then.
/// </summary>
public sealed class TermTable
{
    /// <summary>About 250 bytes each. A library of 100,000 resources has some 400,000.</summary>
    private const int MaxTerms = 2_000_000;

    private const int MaxTermsPerDocument = 20_000;
    private const int None = -1;
    private const int ChunkBits = 14;
    private readonly ConcurrentDictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _families = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Counter> _counters = [];
    private readonly Lock _adding = new();
    private volatile Term[][] _chunks = [];
    private int _count;
    private int _familyCount;

    public string this[int number] => _chunks[number >> ChunkBits][number & ((1 << ChunkBits) - 1)].Text;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The number of the term's stem: the same for all forms of a word.</summary>
    public int Family(int number) => _chunks[number >> ChunkBits][number & ((1 << ChunkBits) - 1)].Family;

    public int? FamilyOf(string word) => _families.TryGetValue(EnglishStemmer.Stem(word), out var family) ? family : null;

    /// <summary>The term's number; null when no document ever had it.</summary>
    public int? NumberOf(string term) => _numbers.TryGetValue(term, out var number) ? number : null;

    public DocumentTerms CountWords(Resource resource, string body)
    {
        if (!_counters.TryTake(out var counter))
            counter = new(this);
        try
        {
            return counter.Count(resource, body);
        }
        finally
        {
            _counters.Add(counter);
        }
    }

    /// <summary>The term's number; a new one when <paramref name="mayAdd"/> and there is room, else -1.</summary>
    internal int Number(ReadOnlySpan<char> term, ConcurrentDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup, bool mayAdd) =>
        lookup.TryGetValue(term, out var number) ? number : mayAdd && Count < MaxTerms ? Add(term.ToString()) : None;

    private int Add(string text)
    {
        var stem = EnglishStemmer.Stem(text);
        lock (_adding)
        {
            if (_numbers.TryGetValue(text, out var known))
                return known;
            var number = _count;
            if (number >> ChunkBits == _chunks.Length)
                _chunks = [.. _chunks, new Term[1 << ChunkBits]];
            if (!_families.TryGetValue(stem, out var family))
                _families[stem] = family = _familyCount++;
            _chunks[number >> ChunkBits][number & ((1 << ChunkBits) - 1)] = new(text, family);
            Volatile.Write(ref _count, number + 1);
            // Last: whoever finds the number may use it at once.
            _numbers[text] = number;
            return number;
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Term(string Text, int Family);

    /// <summary>Counts one document at a time, with a table that is used again for the next.</summary>
    private sealed class Counter(TermTable table)
    {
        private readonly Dictionary<int, FieldCounts> _counts = [];
        private readonly List<ulong> _pairs = [];
        private bool _isPaired;
        private int _length;

        public DocumentTerms Count(Resource resource, string body)
        {
            _counts.Clear();
            _pairs.Clear();
            // What is indexed of other kinds is not the text that they are read by.
            (_length, _isPaired) = (0, resource is Agent or Command or Skill);
            Field(resource.Name, MatchedFields.Name, TokenForms.Parts | TokenForms.Joined);
            foreach (var tag in resource.Tags)
                Field(tag, MatchedFields.Tags, TokenForms.Parts | TokenForms.Joined);
            if (resource.Category is not null)
                Field(resource.Category, MatchedFields.Tags, TokenForms.Parts | TokenForms.Joined);
            string[] tools = [.. ResourceFacets.Tools(resource)];
            foreach (var tool in tools)
                Field(tool, MatchedFields.Tools, TokenForms.Parts | TokenForms.Joined);
            Field(resource.Kind.Spoken(), MatchedFields.Kind, TokenForms.Words);
            Field(resource.Description, MatchedFields.Description, TokenForms.Parts);
            if (resource is Skill { WhenToUse: { } when })
                Field(when, MatchedFields.Description, TokenForms.Parts);
            Field(body, MatchedFields.Body, TokenForms.Parts);

            var terms = new int[_counts.Count];
            _counts.Keys.CopyTo(terms, 0);
            Array.Sort(terms);
            var impacts = Array.ConvertAll(terms, term => _counts[term].Packed);
            return new(terms, impacts, _length, EntryTable.NameHash(resource.Name), tools) { Pairs = _isPaired ? WordPairs.Of(_pairs) : default };
        }

        private void Field(string text, MatchedFields field, TokenForms forms)
        {
            var lookup = table._numbers.GetAlternateLookup<ReadOnlySpan<char>>();
            var reader = new TokenReader(text, stackalloc char[TokenReader.MaxTokenLength], forms);
            var (end, previous) = (-1, -1);
            while (reader.Read())
            {
                var isFull = _counts.Count >= MaxTermsPerDocument;
                var number = table.Number(reader.Token, lookup, mayAdd: !isFull);
                // A pair with a word that has no number is not known.
                _isPaired &= number >= 0;
                // Parts lie within their word: they add no length and are no neighbours.
                if (reader.Start >= end)
                {
                    _length++;
                    if (previous >= 0 && number >= 0)
                        _pairs.Add(WordPairs.Number(previous, number));
                    previous = number;
                    // A query reads these scripts in other pieces than the index does.
                    _isPaired &= !TokenReader.IsWithoutSpaces(reader.Token[0]);
                }

                end = Math.Max(end, reader.Start + reader.Length);
                if (number < 0 || (isFull && !_counts.ContainsKey(number)))
                    continue;
                CollectionsMarshal.GetValueRefOrAddDefault(_counts, number, out _).Add(field);
            }
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private struct FieldCounts
    {
        private byte _name;
        private byte _tags;
        private byte _tools;
        private byte _description;
        private byte _body;
        private MatchedFields _fields;

        public readonly ushort Packed => DocumentTerms.Pack(
            (FieldWeights.Name * Math.Min((int)_name, 2)) + (FieldWeights.Tags * Math.Min((int)_tags, 2)) + (FieldWeights.Tools * Math.Min((int)_tools, 1))
            + (FieldWeights.Description * Math.Min((int)_description, 4)) + (FieldWeights.Body * _body) + (_fields.HasFlag(MatchedFields.Kind) ? FieldWeights.Kind : 0), _fields);

        public void Add(MatchedFields field)
        {
            _fields |= field;
            switch (field)
            {
                case MatchedFields.Name:
                    Increment(ref _name);
                    break;
                case MatchedFields.Tags:
                    Increment(ref _tags);
                    break;
                case MatchedFields.Tools:
                    Increment(ref _tools);
                    break;
                case MatchedFields.Description:
                    Increment(ref _description);
                    break;
                case MatchedFields.Body:
                    Increment(ref _body);
                    break;
            }
        }

        private static void Increment(ref byte count) => count += (byte)(count < byte.MaxValue ? 1 : 0);
    }
}
