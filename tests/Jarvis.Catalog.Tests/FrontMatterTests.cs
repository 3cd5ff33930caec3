using Jarvis.Catalog.Formats;

namespace Jarvis.Catalog.Tests;

public sealed class FrontMatterTests
{
    [Fact]
    public void Read_Yaml_GivesTextListsAndBody()
    {
        var matter = FrontMatter.Read("---\r\nname: a\r\ntools:\r\n  - Read\r\n  - Bash\r\ndescription: >\r\n  two\r\n  lines\r\n---\r\nBody\r\n");
        Assert.Equal(FrontMatterState.Yaml, matter.State);
        Assert.Equal(("a", "two lines", "Body\r\n"), (matter.Text("name"), matter.Text("description"), matter.Body));
        Assert.Equal(["Read", "Bash"], matter.List("tools"));
    }

    [Theory]
    [InlineData("description: Use when: the build breaks", "description", "Use when: the build breaks")]
    [InlineData("argument-hint: [a] | [b]", "argument-hint", "[a] | [b]")]
    [InlineData("tools: *", "tools", "*")]
    [InlineData("description: \"unclosed", "description", "\"unclosed")]
    [InlineData("description: @mention first", "description", "@mention first")]
    [InlineData("description: text\n\tmore: tabs", "description", "text more: tabs")]
    public void Read_NotYaml_IsReadLineByLine(string line, string key, string value)
    {
        var matter = FrontMatter.Read($"---\nname: n\n{line}\n---\nBody");
        Assert.Equal(FrontMatterState.Recovered, matter.State);
        Assert.Equal((value, "n", "Body"), (matter.Text(key), matter.Text("name"), matter.Body));
        Assert.InRange(matter.ProblemLine!.Value, 2, 4);
    }

    [Fact]
    public void Read_NeverClosed_TakesTheKeys()
    {
        var matter = FrontMatter.Read("---\nname: n\ndescription: d\n\n# Heading\nText");
        Assert.Equal((FrontMatterState.Recovered, "n", "d"), (matter.State, matter.Text("name"), matter.Text("description")));
        Assert.Contains("# Heading", matter.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NeverOpened_TakesTheKeys() => Assert.Equal("n", FrontMatter.Read("name: n\ndescription: d\n---\nBody").Text("name"));

    [Theory]
    [InlineData("# Title\n\nText")]
    [InlineData("Name: this is only a sentence\n\nand no front matter")]
    [InlineData("----\nname: no\n----\n")]
    public void Read_None_IsAbsent(string text) => Assert.Equal((FrontMatterState.Absent, text), (FrontMatter.Read(text).State, FrontMatter.Read(text).Body));

    [Fact]
    public void Read_DeepNesting_IsRefusedNotFollowed() =>
        Assert.Equal(FrontMatterState.Recovered, FrontMatter.Read($"---\nname: n\na: {new string('[', 20_000)}\n---\n").State);

    [Fact]
    public void Read_AliasesThatMultiply_AreRefused() =>
        Assert.Equal("n", FrontMatter.Read("---\nname: n\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n").Text("name"));

    [Theory]
    [InlineData("Read, Write", 2)]
    [InlineData("[Read, Write]", 2)]
    [InlineData("Bash(git add:*, git push:*)", 1)]
    [InlineData("", 0)]
    [InlineData("a)(, b", 2)]
    public void List_OfText_SplitsAtTopLevelCommas(string text, int count) =>
        Assert.Equal(count, FrontMatter.Read($"---\nname: n\ntools: '{text}'\n---\n").List("tools").Count);
}
