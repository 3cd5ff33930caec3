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

    /// <summary>Null when none of <paramref name="words"/> stands in the text.</summary>
    public static Highlight? Of(string field, string text, IReadOnlyList<string> words)
    {
        var ranges = new List<HighlightRange>();
        Tokenizer.Read(text, parts: false, (token, start, length) =>
        {
            if (ranges.Count < 500 && Matches(token, words))
                ranges.Add(new(start, length));
        });
        if (ranges.Count == 0)
            return null;
        if (text.Length <= MaxSnippet)
            return new(field, text, [.. ranges.Take(MaxRanges)]);

        var from = WordStart(text, Math.Max(0, ranges[0].Start - Before));
        var to = Math.Min(text.Length, from + MaxSnippet);
        if (to < text.Length && char.IsLowSurrogate(text[to]))
            to--;
        var snippet = text[from..to].ReplaceLineEndings(" ");
        // A line end of two characters may have become one: the ranges are those of what is shown.
        return Of(field, snippet, words);
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
