using System.Runtime.InteropServices;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Search;

/// <summary>How often a term stands in each field of a document; counts stop at 255.</summary>
[StructLayout(LayoutKind.Auto)]
public record struct TermCounts(byte Name, byte Tags, byte Description, byte Body);

/// <summary>A document's terms by number, and how many words it has.</summary>
public sealed record DocumentTerms(int[] Terms, TermCounts[] Counts, int Length);

/// <summary>
/// Numbers for terms, shared by all documents, so that a term's text is kept once. Used by the one thread that scans. Terms of files that are gone
/// stay, which a restart mends; the vocabulary of a library grows slowly.
/// </summary>
public sealed class TermTable
{
    private const int MaxTermsPerDocument = 20_000;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private readonly Dictionary<int, TermCounts> _counts = [];
    private int _length;

    public string this[int number] => _texts[number];

    public int Count => _texts.Count;

    public DocumentTerms CountWords(Resource resource, string body)
    {
        lock (_counts)
            return CountAlone(resource, body);
    }

    private DocumentTerms CountAlone(Resource resource, string body)
    {
        _counts.Clear();
        _length = 0;
        Field(resource.Name, (ref TermCounts counts) => counts.Name = Next(counts.Name));
        foreach (var tag in resource.Tags)
            Field(tag, (ref TermCounts counts) => counts.Tags = Next(counts.Tags));
        if (resource.Category is not null)
            Field(resource.Category, (ref TermCounts counts) => counts.Tags = Next(counts.Tags));
        Field(resource.Description, (ref TermCounts counts) => counts.Description = Next(counts.Description));
        Field(body, (ref TermCounts counts) => counts.Body = Next(counts.Body));

        var terms = new int[_counts.Count];
        var values = new TermCounts[_counts.Count];
        _counts.Keys.CopyTo(terms, 0);
        _counts.Values.CopyTo(values, 0);
        return new(terms, values, _length);
    }

    private delegate void Increment(ref TermCounts counts);

    private static byte Next(byte count) => count < byte.MaxValue ? (byte)(count + 1) : count;

    private void Field(string text, Increment increment)
    {
        var lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        Tokenizer.Read(text, parts: true, (token, _, _) =>
        {
            if (!lookup.TryGetValue(token, out var number))
            {
                var term = token.ToString();
                number = _texts.Count;
                _texts.Add(term);
                _numbers.Add(term, number);
            }

            _length++;
            if (_counts.Count >= MaxTermsPerDocument && !_counts.ContainsKey(number))
                return;
            ref var counts = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, number, out _);
            increment(ref counts);
        });
    }
}
