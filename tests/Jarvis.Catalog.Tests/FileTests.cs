using System.Text;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Tests;

public sealed class FileTests
{
    [Theory]
    [InlineData("flow.json", """{"name": "\ud800", "nodes": [], "connections": {}}""")]
    [InlineData(".mcp.json", """{"mcpServers": {"a": {"command": "run", "args": ["\udc00"]}}}""")]
    [InlineData(".mcp.json", """{"mcpServers": {"\ud800": {"command": "run"}}}""")]
    [InlineData(".claude-plugin/plugin.json", """{"name": "\ud800"}""")]
    public void Scan_FileWithATextThatIsNotUnicode_IsMended(string path, string text)
    {
        using var library = new TempLibrary().Write(path, text).Agent("agents/fine.md", "fine");
        var snapshot = library.Scan();
        Assert.NotNull(snapshot[ResourceKind.Agent].Find("fine"));
        Assert.Equal(("json_invalid_unicode", path, 1), (snapshot.Diagnostics[0].Code, snapshot.Diagnostics[0].Path, snapshot.Diagnostics[0].Line!.Value));
    }

    private const string Text = "---\nname: café\ndescription: Prüft.\n---\nBody";

    public static TheoryData<string, byte[]> Encodings => new()
    {
        { "utf-8", Encoding.UTF8.GetBytes(Text) },
        { "utf-8-bom", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Text)] },
        { "utf-16le", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Text)] },
        { "utf-16be", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Text)] },
        { "latin-1", Encoding.Latin1.GetBytes(Text) },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Read_AnyEncoding_GivesTheSameText(string encoding, byte[] bytes)
    {
        using var library = new TempLibrary().Write("agents/a.md", bytes);
        var snapshot = library.Scan();
        var entry = Assert.Single(snapshot.Entries);
        Assert.Equal(("café", "Prüft.", encoding), (entry.Resource.Name, entry.Resource.Description, entry.Content.Encoding));
        Assert.Equal(Text, Encoding.UTF8.GetString(entry.Content.Utf8));
        Assert.Equal(encoding == "utf-8" ? DiagnosticState.Ok : DiagnosticState.Recovered, entry.Resource.State);
    }

    [Theory]
    [InlineData("", "empty_file")]
    [InlineData(" \r\n\t", "empty_file")]
    [InlineData("---\nname: a\0b\n---\n", "binary")]
    public void Read_NoText_IsRejectedAndCostsNoOther(string text, string code)
    {
        using var library = new TempLibrary().Write("agents/bad.md", text).Agent("agents/good.md", "good");
        var snapshot = library.Scan();
        Assert.Equal("good", Assert.Single(snapshot.Entries).Resource.Name);
        var diagnostic = Assert.Single(snapshot.Diagnostics);
        Assert.Equal((code, "agents/bad.md", DiagnosticState.Rejected, ResourceKind.Agent), (diagnostic.Code, diagnostic.Path, diagnostic.State, diagnostic.Kind));
    }

    [Fact]
    public void Read_OverTheLimit_IsRejectedNotRead()
    {
        using var library = new TempLibrary(options => options with { MaxFileBytes = 1_024 }).Agent("agents/long.md", "long", body: new string('x', 1_024));
        Assert.Equal("too_large", library.OnlyDiagnostic().Code);
    }

    [Fact]
    public void Read_AllTogetherOverTheLimit_RejectsTheRestAndTakesItWhenThereIsRoom()
    {
        using var library = new TempLibrary(options => options with { MaxTotalBytes = 1_500 })
            .Agent("agents/a.md", "a", body: new string('x', 1_000)).Agent("agents/b.md", "b", body: new string('x', 1_000));
        var snapshot = library.Scan();
        Assert.Equal("a", Assert.Single(snapshot.Entries).Resource.Id);
        Assert.Equal("catalog_full", Assert.Single(snapshot.Diagnostics).Code);

        File.Delete(Path.Combine(library.Folder, "agents/a.md"));
        snapshot = library.Scan(snapshot);
        Assert.Equal("b", Assert.Single(snapshot.Entries).Resource.Id);
        Assert.Empty(snapshot.Diagnostics);
    }

    [Fact]
    public void Read_NoFrontMatter_IsDegradedWithNameOfFileAndFirstParagraph()
    {
        using var library = new TempLibrary().Write("agents/helper.md", "# Helper\n\nHelps with everything.\n");
        var agent = library.Only<Agent>();
        Assert.Equal(("helper", "Helps with everything.", DiagnosticState.Degraded), (agent.Name, agent.Description, agent.State));
        Assert.Equal("front_matter_missing", library.OnlyDiagnostic().Code);
    }

    [Fact]
    public void Read_FrontMatterWithoutNameAndDescription_SaysBoth()
    {
        using var library = new TempLibrary().Write("agents/helper.md", "---\nmodel: opus\n---\nHelps.\n");
        Assert.Equal(["name_missing", "description_missing"], library.Scan().Diagnostics.Select(diagnostic => diagnostic.Code));
        Assert.Equal(("helper", "Helps."), (library.Only<Agent>().Name, library.Only<Agent>().Description));
    }

    [Fact]
    public void Read_FileThatCannotBeOpened_IsRejectedAndTriedAgain()
    {
        using var library = new TempLibrary();
        var entry = new FileEntry("agents/gone.md", new(10, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch));
        var file = new FileReader(new LibraryOptions(), new TermTable()).Read(library.Scanner.Sources[0], entry, new(FileRole.Agent, [], Kind: ResourceKind.Agent));
        Assert.Equal("unreadable", Assert.Single(file.Diagnostics).Code);
        Assert.NotEqual(entry.Stamp, file.Stamp);
    }
}
