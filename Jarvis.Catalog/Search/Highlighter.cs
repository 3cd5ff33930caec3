namespace Jarvis.Catalog.Search;

/// <summary>A piece of a field's text, and where the query's words stand in it.</summary>
/// <param name="Field"><c>name</c>, <c>description</c> or <c>body</c>.</param>
/// <param name="Snippet">Plain text; nothing in it is markup.</param>
/// <param name="Ranges">In UTF-16 code units of <paramref name="Snippet"/>, as JavaScript counts.</param>
public sealed record Highlight(string Field, string Snippet, IReadOnlyList<HighlightRange> Ranges);

public sealed record HighlightRange(int Start, int Length);

/// <summary>Cuts the snippet that shows why a result is one.</summary>
public static class Highlighter
{
    private const int MaxSnippet = 240;
    private const int Before = 60;
    private const int MaxRanges = 20;
    private const int Piece = 512;

    /// <summary>Null when none of <paramref name="words"/> stands in the text.</summary>
    public static Highlight? Of(string field, string text, IReadOnlyList<string> words)
    {
        if (text.Length <= MaxSnippet)
            return Ranges(text, words) is { Count: > 0 } ranges ? new(field, text, ranges) : null;
        if (FirstMatch(text, words) is not { } first)
            return null;
        var from = WordStart(text, Math.Max(0, first - Before));
        var to = Math.Min(text.Length, from + MaxSnippet);
        if (to < text.Length && char.IsLowSurrogate(text[to]))
            to--;
        // A line end of two characters may become one: the ranges are those of what is shown.
        var snippet = text[from..to].ReplaceLineEndings(" ");
        return new(field, snippet, Ranges(snippet, words));
    }

    /// <summary>Where the first match stands. Only it decides where to cut, so the text is read piece by piece until there is one.</summary>
    private static int? FirstMatch(string text, IReadOnlyList<string> words)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = PieceEnd(text, at);
            int? first = null;
            Tokenizer.Read(text.AsSpan(at, end - at), parts: false, (token, start, _) =>
            {
                if (first is null && Matches(token, words))
                    first = start;
            });
            if (first is { } found)
                return at + found;
            at = end;
        }

        return null;
    }

    private static List<HighlightRange> Ranges(string text, IReadOnlyList<string> words)
    {
        var ranges = new List<HighlightRange>();
        Tokenizer.Read(text, parts: false, (token, start, length) =>
        {
            if (ranges.Count < MaxRanges && Matches(token, words))
                ranges.Add(new(start, length));
        });
        return ranges;
    }

    /// <summary>The end of a piece that begins at <paramref name="at"/>: between two words, so that none is torn.</summary>
    private static int PieceEnd(string text, int at)
    {
        var end = Math.Min(text.Length, at + Piece);
        while (end < text.Length && char.IsLetterOrDigit(text[end]))
            end++;
        return end;
    }

    private static bool Matches(ReadOnlySpan<char> token, IReadOnlyList<string> words)
    {
        foreach (var word in words)
        {
            if (token.StartsWith(word) || (word.Length >= 4 && SearchIndex.IsOneEdit(token, word)))
                return true;
        }

        return false;
    }

    private static int WordStart(string text, int at)
    {
        var start = at;
        while (start < text.Length && start < at + 20 && start > 0 && !char.IsWhiteSpace(text[start - 1]))
            start++;
        return start < text.Length && char.IsLowSurrogate(text[start]) ? start + 1 : start;
    }
}
