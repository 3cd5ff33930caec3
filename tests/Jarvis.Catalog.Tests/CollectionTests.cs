using System.Text;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Tests;

/// <summary>What real collections hold: each is read, or refused, and said, with its line and how to mend it, and costs no other file.</summary>
public sealed class CollectionTests
{
    private const string Plain = "name: a\ndescription: d\n";

    public static TheoryData<string, string, string, DiagnosticState, int> Texts => new()
    {
        { "description: Use when: x", "yaml_invalid", "---\nname: a\ndescription: Use when: x\n---\nBody", DiagnosticState.Recovered, 3 },
        { "argument-hint: [a] | [b]", "yaml_invalid", $"---\n{Plain}argument-hint: [a] | [b]\n---\nBody", DiagnosticState.Recovered, 4 },
        { "tools: *", "yaml_invalid", $"---\n{Plain}tools: *\n---\nBody", DiagnosticState.Recovered, 4 },
        { "a key twice", "yaml_invalid", $"---\n{Plain}name: a\n---\nBody", DiagnosticState.Recovered, 4 },
        { "no front matter", "front_matter_missing", "# A\n\nDoes a.\n", DiagnosticState.Degraded, 1 },
        { "no name", "name_missing", "---\ndescription: d\n---\nBody", DiagnosticState.Degraded, 1 },
        { "no description", "description_missing", "---\nname: a\n---\nBody", DiagnosticState.Degraded, 1 },
        { "another name", "name_not_file", "---\nname: other\ndescription: d\n---\nBody", DiagnosticState.Ok, 2 },
        { "a long description", "description_long", $"---\nname: a\ndescription: {new string('d', 5_700)}\n---\nBody", DiagnosticState.Ok, 3 },
        { "CR LF", "line_endings", "---\r\nname: a\r\ndescription: d\r\n---\r\nBody\r\n", DiagnosticState.Ok, 1 },
        { "CR LF further down", "line_endings", $"---\n{Plain}---\nBody\r\n", DiagnosticState.Ok, 5 },
        { "a byte order mark", "encoding", $"\uFEFF---\n{Plain}---\nBody", DiagnosticState.Recovered, 1 },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Read_TextSeenInTheWild_IsServedAndSaidOnce(string what, string code, string text, DiagnosticState state, int line)
    {
        using var library = new TempLibrary().Write("agents/a.md", text).Agent("agents/good.md", "good");
        var snapshot = library.Scan();
        Assert.Equal((2, state, what), (snapshot.Entries.Count, snapshot[ResourceKind.Agent].By("name")[0].Resource.State, what));
        var diagnostic = Assert.Single(snapshot.Diagnostics);
        Assert.Equal((code, state, "agents/a.md", line, ResourceKind.Agent), (diagnostic.Code, diagnostic.State, diagnostic.Path, diagnostic.Line!.Value, diagnostic.Kind));
        Assert.NotEmpty(diagnostic.Fix);
    }

    [Fact]
    public void Read_LongDescription_IsWhole()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a", new string('d', 5_700));
        Assert.Equal(5_700, library.Only<Agent>().Description.Length);
    }

    [Fact]
    public void Read_LargeFile_IsWholeAndSaid()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a", body: string.Concat(Enumerable.Repeat("One of many lines.\n", 8_700)));
        Assert.InRange(Assert.Single(library.Scan().Entries).Content.Utf8.Length, 160_000, 170_000);
        Assert.Equal(("large_file", DiagnosticState.Ok), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().State));
    }

    public static TheoryData<string, byte[]> WithoutMark => new()
    {
        { "utf-16le", Encoding.Unicode.GetBytes("---\nname: café 工\ndescription: d\n---\nBody") },
        { "utf-16be", Encoding.BigEndianUnicode.GetBytes("---\nname: café 工\ndescription: d\n---\nBody") },
    };

    [Theory]
    [MemberData(nameof(WithoutMark))]
    public void Read_Utf16WithoutItsMark_IsTold(string encoding, byte[] bytes)
    {
        using var library = new TempLibrary().Write("agents/a.md", bytes);
        var entry = Assert.Single(library.Scan().Entries);
        Assert.Equal((encoding, "café 工", DiagnosticState.Recovered), (entry.Content.Encoding, entry.Resource.Name, entry.Resource.State));
        Assert.Contains(library.Scan().Diagnostics, diagnostic => diagnostic.Code == "encoding");
    }

    [Theory]
    [InlineData("ab\0cd\0ef")]
    [InlineData("\0\0\0\0")]
    [InlineData("---\nname: a\n---\nText with one NUL \0 in it")]
    public void Decode_BytesWithNulsThatAreNoUtf16_AreNoText(string text) => Assert.Null(TextFile.Decode(Encoding.Latin1.GetBytes(text)));

    [Theory]
    [InlineData("my agent.md", "my agent")]
    [InlineData("it's \"quoted\".md", "it's \"quoted\"")]
    [InlineData("🚀 ship.md", "🚀 ship")]
    [InlineData("prüfung-工具.md", "prüfung-工具")]
    [InlineData("%41&b=c#d.md", "%41&b=c#d")]
    public void Read_FileWithAStrangeName_HasAnIdForUrlsAndIsSaid(string file, string name)
    {
        using var library = new TempLibrary().Write($"agents/{file}", $"---\ndescription: d\nname: '{name.Replace("'", "''", StringComparison.Ordinal)}'\n---\n")
            .Write($"commands/sub dir/{file}", "Go");
        var snapshot = library.Scan();
        Assert.Equal([name, name], snapshot.Entries.Select(entry => entry.Resource.Name));
        Assert.All(snapshot.Entries, entry => Assert.Matches("^[a-z0-9:~-]+$", entry.Resource.Id));
        Assert.All(snapshot.Entries, entry => Assert.EndsWith(file, entry.Resource.Path, StringComparison.Ordinal));
        Assert.Equal(2, snapshot.Diagnostics.Count(diagnostic => diagnostic.Code == "name_characters"));
        Assert.Same(snapshot.Entries[0], snapshot[ResourceKind.Agent].Find(name));
    }

    [Fact]
    public void Read_TwoFilesWhoseNamesDifferByCase_AreBothThere()
    {
        using var library = new TempLibrary().Agent("agents/Check.md", "Check").Agent("agents/check.md", "check").Write("commands/Go.md", "Go").Write("commands/go.md", "Go");
        var snapshot = library.Scan();
        Assert.Equal(4, snapshot.Entries.Select(entry => (entry.Resource.Kind, entry.Resource.Id)).Distinct().Count());
        Assert.Equal(["agents/check.md", "commands/go.md"], snapshot.Diagnostics.Where(diagnostic => diagnostic.Code == "name_case").Select(diagnostic => diagnostic.Path));
    }

    [Fact]
    public void FileBytes_WrittenToOnceMeanwhile_AreReadAgainWhole()
    {
        using var library = new TempLibrary().Write("a.md", "half");
        var path = Path.Combine(library.Folder, "a.md");
        var times = 0;
        var read = FileBytes.Read(library.Folder, "a.md", 1_000, () =>
        {
            if (times++ == 0)
                File.AppendAllText(path, " and the rest");
        });
        Assert.Equal((true, "half and the rest"), (read.IsWhole, Encoding.UTF8.GetString(read.Bytes)));
    }

    [Fact]
    public void FileBytes_WrittenToAllTheTime_AreNotWhole()
    {
        using var library = new TempLibrary().Write("a.md", "x");
        var path = Path.Combine(library.Folder, "a.md");
        Assert.False(FileBytes.Read(library.Folder, "a.md", 1_000, () => File.AppendAllText(path, "x")).IsWhole);
    }

    [Fact]
    public void FileBytes_LongerThanWanted_GiveOneMore()
    {
        using var library = new TempLibrary().Write("a.md", "0123456789");
        Assert.Equal("012345", Encoding.UTF8.GetString(FileBytes.Read(library.Folder, "a.md", 5).Bytes));
    }

    [Fact]
    public void Read_ManyFilesOnManyThreads_GivesTheSameAsOne()
    {
        using var library = new TempLibrary();
        var source = library.Scanner.Sources[0];
        var bytes = Encoding.UTF8.GetBytes("---\nname: a\ndescription: Use when: x\ntools: Read, Write\n---\nRun $1");
        var entry = new FileEntry("agents/a.md", new(bytes.Length, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch));
        // A table of terms for each thread: only the reader is on trial.
        var names = Enumerable.Range(0, 200).AsParallel().WithDegreeOfParallelism(4)
            .Select(_ => new FileReader(new LibraryOptions(), new TermTable()).Read(source, entry, new(FileRole.Agent, [], Kind: ResourceKind.Agent), bytes))
            .Select(file => (file.Resources[0].Resource.Description, file.Diagnostics.Count)).Distinct().ToList();
        Assert.Equal([("Use when: x", 1)], names);
    }
}
