using System.Buffers;
using System.Text;
using Jarvis.Catalog.Library;

namespace Jarvis.Catalog.Search;

/// <summary>Whether words stand side by side in a resource. The index knows that all are there; the text decides.</summary>
internal static class PhraseMatcher
{
    public static bool Has(CatalogEntry entry, IReadOnlyList<string> words)
    {
        var resource = entry.Resource;
        if (Has(resource.Name, words) || Has(resource.Description, words) || resource.Tags.Any(tag => Has(tag, words)))
            return true;
        var content = entry.Content.Utf8;
        var buffer = ArrayPool<char>.Shared.Rent(content.Length);
        var text = buffer.AsSpan(0, Encoding.UTF8.GetChars(content, buffer));
        if (entry.Content.MediaType == "application/json")
            Unescape(text);
        var has = Has(text, words);
        ArrayPool<char>.Shared.Return(buffer);
        return has;
    }

    public static bool Has(ReadOnlySpan<char> text, IReadOnlyList<string> words)
    {
        // Text beyond ASCII folds to other letters than it has, so only ASCII can be searched for the word as it is.
        if (!Ascii.IsValid(text))
            return Reads(text, words, onlyAtStart: false);
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOf(words[0], StringComparison.OrdinalIgnoreCase);
            if (next < 0)
                return false;
            at += next;
            if ((at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && Reads(text[at..], words, onlyAtStart: true))
                return true;
            at++;
        }

        return false;
    }

    private static bool Reads(ReadOnlySpan<char> text, IReadOnlyList<string> words, bool onlyAtStart)
    {
        // The last tokens that fit the phrase's beginning; starting over looks at the current token only when nothing of it fits.
        var window = new Queue<string>(words.Count);
        var reader = new TokenReader(text, stackalloc char[TokenReader.MaxTokenLength], TokenForms.Words);
        for (var read = 0; reader.Read(); read++)
        {
            if (onlyAtStart)
            {
                if (!reader.Token.SequenceEqual(words[read]))
                    return false;
                if (read == words.Count - 1)
                    return true;
                continue;
            }

            if (window.Count == words.Count)
                window.Dequeue();
            window.Enqueue(Same(reader.Token, words));
            if (window.Count == words.Count && window.SequenceEqual(words))
                return true;
        }

        return false;
    }

    // The phrase's own string for a token that is one of its words: nothing is allocated for the others.
    private static string Same(ReadOnlySpan<char> token, IReadOnlyList<string> words)
    {
        foreach (var word in words)
        {
            if (token.SequenceEqual(word))
                return word;
        }

        return "";
    }

    // Line ends and quotes inside of JSON strings: their letters are none of the text's.
    private static void Unescape(Span<char> json)
    {
        for (var i = 0; i + 1 < json.Length; i++)
        {
            if (json[i] != '\\')
                continue;
            if (json[i + 1] is 'n' or 'r' or 't' or 'b' or 'f')
                json[i + 1] = ' ';
            json[i++] = ' ';
        }
    }
}
