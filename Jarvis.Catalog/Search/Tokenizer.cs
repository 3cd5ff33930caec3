namespace Jarvis.Catalog.Search;

/// <summary>
/// Words as the index and the query have them: runs of letters and digits in lower case. A word in camel case is there as a whole and in its
/// parts (<c>OpenAi</c>: openai, open, ai); kebab and snake case fall apart by themselves.
/// </summary>
public static class Tokenizer
{
    public const int MaxTokenLength = 64;

    public delegate void TokenHandler(ReadOnlySpan<char> token, int start, int length);

    /// <summary>Calls <paramref name="handle"/> with each token in lower case, and where its word stands in <paramref name="text"/>.</summary>
    /// <param name="parts">Whether the parts of a word in camel case come too; a query leaves them out.</param>
    public static void Read(ReadOnlySpan<char> text, bool parts, TokenHandler handle)
    {
        Span<char> lower = stackalloc char[MaxTokenLength];
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            var humps = false;
            for (i++; i < text.Length && char.IsLetterOrDigit(text[i]); i++)
                humps |= IsHump(text, i);
            Emit(text, start, i, lower, handle);
            if (!humps || !parts)
                continue;
            var from = start;
            for (var at = start + 1; at <= i; at++)
            {
                if (at < i && !IsHump(text, at))
                    continue;
                Emit(text, from, at, lower, handle);
                from = at;
            }
        }
    }

    public static List<string> Words(string text)
    {
        var words = new List<string>();
        Read(text, parts: false, (token, _, _) => words.Add(token.ToString()));
        return words;
    }

    private static bool IsHump(ReadOnlySpan<char> text, int i) => char.IsUpper(text[i]) && char.IsLower(text[i - 1]);

    private static void Emit(ReadOnlySpan<char> text, int start, int end, Span<char> lower, TokenHandler handle)
    {
        var length = Math.Min(end - start, MaxTokenLength);
        text.Slice(start, length).ToLowerInvariant(lower);
        handle(lower[..length], start, end - start);
    }
}
