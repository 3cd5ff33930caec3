using System.Diagnostics;
using System.Text;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Tests;

/// <summary>What becomes of a file between its being listed and its being opened.</summary>
public sealed class LibraryFileTests
{
    private const string Secret = "---\nname: secret\ndescription: Of nobody's business.\n---\nhunter2\n";

    [Fact]
    public void Read_FileSwappedForALinkAfterItWasListed_IsRefused()
    {
        using var outside = new TempLibrary().Write("secret.md", Secret);
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        var entry = Listed(library);
        var path = Path.Combine(library.Folder, "agents/a.md");
        File.Delete(path);
        File.CreateSymbolicLink(path, Path.Combine(outside.Folder, "secret.md"));
        Refused(library, entry);
    }

    [Fact]
    public void Read_FolderSwappedForALinkAfterItWasListed_IsRefused()
    {
        using var outside = new TempLibrary().Write("agents/a.md", Secret).Write("ops/agents/a.md", Secret);
        using var library = new TempLibrary().Agent("ops/agents/a.md", "a");
        var entry = Listed(library);
        foreach (var (folder, target) in (ReadOnlySpan<(string, string)>)[("ops/agents", "agents"), ("ops", "ops")])
        {
            var path = Path.Combine(library.Folder, folder);
            Directory.Delete(path, recursive: true);
            Directory.CreateSymbolicLink(path, Path.Combine(outside.Folder, target));
            Refused(library, entry);
            Directory.Delete(path);
            library.Agent("ops/agents/a.md", "a");
        }
    }

    [Fact]
    public void Read_LinkWithinTheLibrary_IsRefusedToo()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a").Agent("agents/b.md", "b");
        var entry = Listed(library);
        File.Delete(Path.Combine(library.Folder, "agents/a.md"));
        File.CreateSymbolicLink(Path.Combine(library.Folder, "agents/a.md"), "b.md");
        Refused(library, entry);
    }

    [UnixFact]
    public async Task Read_FileSwappedForAPipeAfterItWasListed_IsRefusedAtOnce()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        var entry = Listed(library);
        var path = Path.Combine(library.Folder, "agents/a.md");
        File.Delete(path);
        MakePipe(path);
        await Task.Run(() => Refused(library, entry)).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [UnixFact]
    public async Task Scan_LibraryWithPipes_IsNotHeldUp()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a").Write(".claude-plugin/x", "x");
        foreach (var name in (string[])["agents/pipe.md", "pipe.json", ".mcp.json", ".claude-plugin/plugin.json"])
            MakePipe(Path.Combine(library.Folder, name));
        var snapshot = await Task.Run(() => library.Scan()).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("a", Assert.Single(snapshot.Entries).Resource.Name);
        snapshot = await Task.Run(() => library.Scan(snapshot)).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Single(snapshot.Entries);
    }

    [Fact]
    public void Open_RootThatIsALink_IsFollowed()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        using var other = new TempLibrary();
        var link = Path.Combine(other.Folder, "link");
        Directory.CreateSymbolicLink(link, library.Folder);
        using var handle = LibraryFile.Open(link, "agents/a.md");
        Assert.True(RandomAccess.GetLength(handle) > 0);
    }

    [Theory]
    [InlineData("agents/../../x.md")]
    [InlineData("../../x.md")]
    [InlineData("/etc/passwd")]
    [InlineData("agents//a.md")]
    [InlineData("./agents/a.md")]
    public void Open_PathThatIsNotBelowItsFolder_IsRefused(string path)
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        Assert.Throws<NotRegularFileException>(() => LibraryFile.Open(library.Folder, path));
    }

    [Fact]
    public void Open_WhatIsNotThere_SaysSo()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        Assert.Throws<FileNotFoundException>(() => LibraryFile.Open(library.Folder, "agents/b.md"));
        Assert.ThrowsAny<IOException>(() => LibraryFile.Open(library.Folder, "agents/a.md/b.md"));
        Assert.ThrowsAny<IOException>(() => FileBytes.Read(library.Folder, "agents", 10));
    }

    private static FileEntry Listed(TempLibrary library) =>
        new TreeWalker(new(), new(Options.Create(new LibraryOptions()))).Walk(library.Scanner.Sources[0], CancellationToken.None).Files.First(file => file.Path.EndsWith("a.md", StringComparison.Ordinal));

    private static void Refused(TempLibrary library, FileEntry entry)
    {
        var file = new FileReader(new LibraryOptions(), new TermTable()).Read(library.Scanner.Sources[0], entry, new(FileRole.Agent, [], Kind: ResourceKind.Agent));
        Assert.Empty(file.Resources);
        Assert.Equal("not_a_file", Assert.Single(file.Diagnostics).Code);
        // Looked at again at the next scan.
        Assert.NotEqual(entry.Stamp, file.Stamp);
        // A whole scan has nothing of it either.
        Assert.DoesNotContain(library.Scan().Entries, each => each.Resource.Name == "secret" || Encoding.UTF8.GetString(each.Content.Utf8).Contains("hunter2", StringComparison.Ordinal));
    }

    private static void MakePipe(string path)
    {
        using var process = Process.Start("mkfifo", path);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}

/// <summary>Windows has no pipes in folders.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
            Skip = "Needs a Unix system.";
    }
}
