using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Tests;

public sealed class SearchTextTests
{
    [Theory]
    [InlineData("Code-Reviewer", "code reviewer")]
    [InlineData("OpenAiHelper", "openaihelper")]
    [InlineData("Café NAÏVE Straße", "cafe naive strase")]
    [InlineData("cafe\u0301", "cafe")]
    [InlineData("Ｆｕｌｌ", "full")]
    [InlineData("user's guide", "user guide")]
    [InlineData("C# and C++, F#", "c# and c++ f#")]
    [InlineData("日本語 校", "日本 本語 校")]
    [InlineData("Привет, ЁЛКА", "привет елка")]
    [InlineData("a😀b", "a b")]
    public void Words_OfAQuery_AreFolded(string text, string words) => Assert.Equal(words, string.Join(' ', Tokenizer.Words(text)));

    [Theory]
    [InlineData("OpenAi", "openai open ai")]
    [InlineData("XMLHttpRequest", "xmlhttprequest xml http request")]
    [InlineData("code-reviewer x", "code reviewer codereviewer x")]
    [InlineData("snake_case_name", "snake case name snakecasename")]
    [InlineData("日本", "日 日本 本")]
    public void Words_OfTheIndex_HavePartsAndJoinedForms(string text, string words) =>
        Assert.Equal(words, string.Join(' ', Tokenizer.Words(text, TokenForms.Parts | TokenForms.Joined)));

    // From the vocabulary that snowballstem.org publishes with the algorithm.
    [Theory]
    [InlineData("consign consigned consigning consignment", "consign consign consign consign")]
    [InlineData("consist consisted consistency consistent consistently", "consist consist consist consist consist")]
    [InlineData("consolation consolations consolatory consolingly", "consol consol consolatori consol")]
    [InlineData("knack knackeries knavish knight knightly knitting knives", "knack knackeri knavish knight knight knit knive")]
    [InlineData("review reviews reviewed reviewing reviewer", "review review review review review")]
    [InlineData("happy happily flies died ties cry by say", "happi happili fli die tie cri by say")]
    [InlineData("hopping hoping hoped falling agreed feed generate generic general communism", "hop hope hope fall agre feed generat generic general communism")]
    [InlineData("dying news skies ugly inning proceed", "die news sky ugli inning proceed")]
    [InlineData("relational conditional rationalize operator sensitivity hopefulness", "relat condit ration oper sensit hope")]
    public void Stem_KnownWords_AreAsPublished(string words, string stems) => Assert.Equal(stems, string.Join(' ', words.Split(' ').Select(EnglishStemmer.Stem)));

    [Theory]
    [InlineData("abcd", "abcd", 2, 0)]
    [InlineData("kubernetes", "kubernets", 1, 1)]
    [InlineData("kubernetes", "kuebrnetse", 2, 2)]
    [InlineData("kubernetes", "kuebrnetse", 1, -1)]
    [InlineData("ab", "ba", 1, 1)]
    [InlineData("abcdef", "badcfe", 2, -1)]
    [InlineData("a", "abc", 2, 2)]
    public void Within_Pairs_HaveTheirDistance(string left, string right, int max, int distance) =>
        Assert.Equal((distance, distance), (EditDistance.Within(left, right, max), EditDistance.Within(right, left, max)));

    [Fact]
    public void Parse_EveryPart_IsTakenApart()
    {
        var query = SearchQuery.Parse("how to review \"pull request\" -draft -\"old one\" kind:agent -tool:Bash tag:\"two words\" http://x --flag \"unclosed end");
        Assert.Equal(["review", "http", "x", "flag"], query.Words.Select(word => word.Text));
        Assert.Equal(["pull request", "unclosed end"], query.Phrases.Select(phrase => string.Join(' ', phrase)));
        Assert.Equal(["draft", "old one"], query.Excluded.Select(phrase => string.Join(' ', phrase)));
        Assert.Equal([new(FilterName.Kind, "agent"), new(FilterName.Tool, "Bash", Excluded: true), new(FilterName.Tag, "two words")], query.Filters);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  !! \"\" - kind:")]
    public void Parse_NothingToLookFor_IsEmptyButForOrdinaryWords(string text) =>
        Assert.Equal(text.Contains("kind", StringComparison.Ordinal), SearchQuery.Parse(text).Words is [{ Text: "kind" }]);

    [Fact]
    public void Parse_StopWordsOnly_AreLookedFor() => Assert.Equal(["how", "to"], SearchQuery.Parse("how to").Words.Select(word => word.Text));

    [Fact]
    public void Of_PhraseAndParts_MarksThem()
    {
        static string Marked(string text, HighlightTerms terms) =>
            string.Join('|', Highlighter.Of("body", text, terms)!.Ranges.Select(range => text.Substring(range.Start, range.Length)));
        Assert.Equal("pull request", Marked("request a pull, pull request", new([], [["pull", "request"]])));
        Assert.Equal("Ai", Marked("the OpenAi way", new(["ai"], [])));
        Assert.Equal("code-reviewer", Marked("a code-reviewer", new(["code", "codereviewer"], [])));
    }

    [Fact]
    public void Of_LongUtf8_FindsTheWordBeyondTheFirstPiece()
    {
        var text = string.Concat(Enumerable.Repeat("wörter und ", 3_000)) + "Nadel im Heu";
        var highlight = Highlighter.Of("body", System.Text.Encoding.UTF8.GetBytes(text), new(["nadel"], []))!;
        Assert.Equal("Nadel", highlight.Snippet.Substring(highlight.Ranges[0].Start, highlight.Ranges[0].Length));
    }
}
