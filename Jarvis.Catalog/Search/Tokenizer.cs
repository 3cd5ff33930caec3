namespace Jarvis.Catalog.Search;

/// <summary>Words as a query has them; the index reads more forms of each through <see cref="TokenReader"/>.</summary>
public static class Tokenizer
{
    public static List<string> Words(ReadOnlySpan<char> text, TokenForms forms = TokenForms.Words)
    {
        var words = new List<string>();
        var reader = new TokenReader(text, stackalloc char[TokenReader.MaxTokenLength], forms);
        while (reader.Read())
            words.Add(reader.Token.ToString());
        return words;
    }
}
