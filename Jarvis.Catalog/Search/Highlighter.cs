using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Jarvis.Catalog.Search;

/// <summary>A piece of a field's text, and where the query's words stand in it.</summary>
/// <param name="Field"><c>name</c>, <c>description</c> or <c>body</c>.</param>
/// <param name="Snippet">Plain text; nothing in it is markup.</param>
/// <param name="Ranges">In UTF-16 code units of <paramref name="Snippet"/>, as JavaScript counts; in order, none within another.</param>
public sealed record Highlight(string Field, string Snippet, IReadOnlyList<HighlightRange> Ranges);

[StructLayout(LayoutKind.Auto)]
public readonly record struct HighlightRange(int Start, int Length);

/// <summary>Cuts the snippet that shows why a result is one.</summary>
public static class Highlighter
{
    private const int MaxSnippet = 240;
    private const int Before = 60;
    private const int MaxRanges = 20;
    private const int Piece = 8 * 1024;

    /// <summary>Null when none of <paramref name="terms"/> stands in the text.</summary>
    public static Highlight? Of(string field, ReadOnlySpan<char> text, HighlightTerms terms)
    {
        if (text.Length <= MaxSnippet)
            return Ranges(text, terms, MaxRanges) is { Count: > 0 } ranges ? new(field, text.ToString(), ranges) : null;
        var skipped = terms.FirstIn(text);
        if (Ranges(text[skipped..], terms, 1) is not [var first])
            return null;
        var from = WordStart(text, Math.Max(0, skipped + first.Start - Before));
        var to = Math.Min(text.Length, from + MaxSnippet);
        if (to < text.Length && char.IsLowSurrogate(text[to]))
            to--;
        // A line end of two characters may become one: the ranges are those of what is shown.
        var snippet = text[from..to].ToString().ReplaceLineEndings(" ");
        return new(field, snippet, Ranges(snippet, terms, MaxRanges));
    }

    /// <summary>The same of a text in UTF-8, which is decoded piece by piece, and only as far as the first match.</summary>
    public static Highlight? Of(string field, ReadOnlySpan<byte> utf8, HighlightTerms terms)
    {
        var buffer = ArrayPool<char>.Shared.Rent(Piece + 1);
        Highlight? found = null;
        for (var at = 0; at < utf8.Length && found is null;)
        {
            var end = PieceEnd(utf8, at);
            found = Of(field, buffer.AsSpan(0, Encoding.UTF8.GetChars(utf8[at..end], buffer)), terms);
            at = end;
        }

        ArrayPool<char>.Shared.Return(buffer);
        return found;
    }

    private static List<HighlightRange> Ranges(ReadOnlySpan<char> text, HighlightTerms terms, int max)
    {
        var ranges = new List<HighlightRange>();
        var reader = new TokenReader(text, stackalloc char[TokenReader.MaxTokenLength], TokenForms.Parts | TokenForms.Joined);
        Span<int> progress = stackalloc int[terms.Phrases.Count];
        Span<int> begun = stackalloc int[terms.Phrases.Count];
        var end = 0;
        while (ranges.Count < max && reader.Read())
        {
            // A part of the word before, or its joined form, is no step of a phrase.
            var isWord = reader.Start >= end;
            end = Math.Max(end, reader.Start + reader.Length);
            if (terms.Has(reader.Token))
                Add(ranges, reader.Start, reader.Start + reader.Length);
            for (var i = 0; isWord && i < terms.Phrases.Count; i++)
            {
                var words = terms.Phrases[i];
                if (!reader.Token.SequenceEqual(words[progress[i]]))
                    progress[i] = 0;
                if (!reader.Token.SequenceEqual(words[progress[i]]))
                    continue;
                if (progress[i]++ == 0)
                    begun[i] = reader.Start;
                if (progress[i] < words.Count)
                    continue;
                Add(ranges, begun[i], reader.Start + reader.Length);
                progress[i] = 0;
            }
        }

        return ranges;
    }

    // A joined form and a phrase come after what lies within them, parts after the whole.
    private static void Add(List<HighlightRange> ranges, int start, int end)
    {
        while (ranges.Count > 0 && ranges[^1].Start >= start)
        {
            end = Math.Max(end, ranges[^1].Start + ranges[^1].Length);
            ranges.RemoveAt(ranges.Count - 1);
        }

        if (ranges.Count > 0 && ranges[^1].Start + ranges[^1].Length > start)
            (start, end) = Widened(ranges, end);
        ranges.Add(new(start, end - start));
    }

    private static (int Start, int End) Widened(List<HighlightRange> ranges, int end)
    {
        var last = ranges[^1];
        ranges.RemoveAt(ranges.Count - 1);
        return (last.Start, Math.Max(end, last.Start + last.Length));
    }

    /// <summary>The end of a piece that begins at <paramref name="at"/>: after a blank, so that no word is torn and no character.</summary>
    private static int PieceEnd(ReadOnlySpan<byte> utf8, int at)
    {
        if (utf8.Length - at <= Piece)
            return utf8.Length;
        var blank = utf8.Slice(at, Piece).LastIndexOfAny(" \n"u8);
        if (blank > 0)
            return at + blank + 1;
        var end = at + Piece;
        while (end > at + 1 && (utf8[end] & 0xC0) == 0x80)
            end--;
        return end;
    }

    private static int WordStart(ReadOnlySpan<char> text, int at)
    {
        var start = at;
        while (start < text.Length && start < at + 20 && start > 0 && !char.IsWhiteSpace(text[start - 1]))
            start++;
        return start < text.Length && char.IsLowSurrogate(text[start]) ? start + 1 : start;
    }
}
