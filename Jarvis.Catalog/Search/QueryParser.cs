using System.Text;

namespace Jarvis.Catalog.Search;

/// <summary>
/// Reads <c>words "a phrase" -excluded -"not this" kind:agent tool:"Web Search"</c>. Lenient: a quote that is not closed ends with the text, a
/// filter that does not exist is a word.
/// </summary>
internal sealed class QueryParser(string text)
{
    private const int MaxClauses = 16;
    private const int MaxPhrases = 4;
    private readonly List<QueryWord> _words = [];
    private readonly List<QueryWord> _stopWords = [];
    private readonly List<IReadOnlyList<string>> _phrases = [];
    private readonly List<IReadOnlyList<string>> _excluded = [];
    private readonly List<SearchFilter> _filters = [];
    private readonly StringBuilder _joined = new();
    private readonly StringBuilder _plain = new();
    private int _at;

    public SearchQuery Parse()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at]))
                _at++;
            else
                Clause();
        }

        // "how to" asks for these words; beside others they only connect.
        var words = _words.Count + _phrases.Count == 0 ? _stopWords : _words;
        return new(text, words, _phrases, _excluded, _filters) { Joined = _joined.ToString(), Plain = _plain.ToString() };
    }

    private void Clause()
    {
        var begin = _at;
        var excluded = text[_at] == '-' && _at + 1 < text.Length && text[_at + 1] != '-' && !char.IsWhiteSpace(text[_at + 1]);
        if (excluded)
            _at++;
        if (IsQuote(text[_at]))
        {
            var (start, length) = Quoted();
            Phrase(text.AsSpan(start, length), excluded);
        }
        else if (Filter(excluded))
        {
            return;
        }
        else
        {
            Word(excluded);
        }

        if (!excluded)
            _plain.Append(_plain.Length > 0 ? " " : "").Append(text, begin, _at - begin);
    }

    private bool Filter(bool excluded)
    {
        var colon = text.IndexOf(':', _at);
        if (colon < 0 || colon + 1 >= text.Length || char.IsWhiteSpace(text[colon + 1]) || NameOf(text.AsSpan(_at, colon - _at)) is not { } name)
            return false;
        var before = _at;
        _at = colon + 1;
        var (start, length) = IsQuote(text[_at]) ? Quoted() : Run();
        var value = text.Substring(start, length).Trim();
        if (value.Length == 0)
        {
            _at = before;
            return false;
        }

        if (_filters.Count < MaxClauses)
            _filters.Add(new(name, value, excluded));
        return true;
    }

    private static FilterName? NameOf(ReadOnlySpan<char> word)
    {
        // TryParse alone would take numbers too.
        foreach (var name in Enum.GetValues<FilterName>())
        {
            if (word.Equals(name.ToString(), StringComparison.OrdinalIgnoreCase))
                return name;
        }

        return null;
    }

    private void Word(bool excluded)
    {
        var (start, length) = Run();
        if (excluded)
        {
            Phrase(text.AsSpan(start, length), excluded: true);
            return;
        }

        var reader = new TokenReader(text.AsSpan(start, length), stackalloc char[TokenReader.MaxTokenLength], TokenForms.Words);
        while (reader.Read())
        {
            var word = reader.Token.ToString();
            _joined.Append(word);
            var list = StopWords.Has(word) ? _stopWords : _words;
            if (list.Count >= MaxClauses)
                continue;
            // A word that comes again moves to the end, which is where one types.
            list.RemoveAll(known => known.Text == word);
            var parts = reader.HasParts ? Tokenizer.Words(text.AsSpan(start + reader.Start, reader.Length), TokenForms.Parts)[1..] : [];
            list.Add(new(word, start + reader.Start, reader.Length, parts));
        }
    }

    private void Phrase(ReadOnlySpan<char> phrase, bool excluded)
    {
        var words = Tokenizer.Words(phrase);
        var list = excluded ? _excluded : _phrases;
        // Each may cost a look into many texts: none twice, and few of them.
        if (words.Count == 0 || list.Count >= (excluded ? MaxClauses : MaxPhrases) || list.Exists(known => known.SequenceEqual(words, StringComparer.Ordinal)))
            return;
        if (!excluded)
            _joined.AppendJoin("", words);
        list.Add(words);
    }

    private (int Start, int Length) Quoted()
    {
        var start = ++_at;
        while (_at < text.Length && !IsQuote(text[_at]))
            _at++;
        var length = _at - start;
        _at = Math.Min(text.Length, _at + 1);
        return (start, length);
    }

    private (int Start, int Length) Run()
    {
        var start = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && !IsQuote(text[_at]))
            _at++;
        // A quote where nothing can begin with it would stop here for ever.
        _at = Math.Max(_at, start + 1);
        return (start, _at - start);
    }

    private static bool IsQuote(char character) => character is '"' or '\u201C' or '\u201D' or '\u201E';
}
