using System.Diagnostics.CodeAnalysis;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Library;

namespace Jarvis.Catalog.Tests;

public sealed class TreeTests
{
    [Fact]
    public void Walk_LinksInACircleAndOutOfTheRoot_AreNotFollowed()
    {
        using var outside = new TempLibrary().Agent("agents/secret.md", "secret");
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        Directory.CreateSymbolicLink(Path.Combine(library.Folder, "agents/loop"), library.Folder);
        Directory.CreateSymbolicLink(Path.Combine(library.Folder, "outside"), outside.Folder);
        File.CreateSymbolicLink(Path.Combine(library.Folder, "agents/link.md"), Path.Combine(outside.Folder, "agents/secret.md"));
        var snapshot = library.Scan();
        Assert.Equal("a", Assert.Single(snapshot.Entries).Resource.Name);
        Assert.Equal(["agents/link.md", "agents/loop", "outside"], snapshot.Diagnostics.Select(diagnostic => diagnostic.Path).Order(StringComparer.Ordinal));
        Assert.All(snapshot.Diagnostics, diagnostic => Assert.Equal("link_not_followed", diagnostic.Code));
    }

    [Fact]
    public void Walk_IgnoredFoldersAndDepth_AreLeftOut()
    {
        using var library = new TempLibrary(options => options with { MaxDepth = 3 })
            .Agent("node_modules/x/agents/a.md", "a").Agent(".git/agents/b.md", "b").Agent("1/2/3/4/agents/c.md", "c");
        Assert.Equal(("too_deep", "1/2/3/4"), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().Path));
    }

    [Fact]
    public void Walk_MoreFilesThanTheLimit_StopsAndSaysSo()
    {
        using var library = new TempLibrary(options => options with { MaxFiles = 3 });
        for (var i = 0; i < 5; i++)
            library.Agent($"agents/a{i}.md", $"a{i}");
        Assert.Equal("too_many_files", library.OnlyDiagnostic().Code);
        Assert.Equal(3, library.Scan().Entries.Count);
    }

    [Fact]
    public void Scan_RootThatVanishes_LosesItsResourcesAndComesBack()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        var first = library.Scan();
        Directory.Move(library.Folder, $"{library.Folder}-away");
        var second = library.Scan(first);
        Assert.Equal((SourceState.Missing, 0), (second.Sources[0].State, second.Entries.Count));
        Assert.Equal(("source_missing", DiagnosticState.Rejected), (second.Diagnostics[0].Code, second.Diagnostics[0].State));
        Directory.Move($"{library.Folder}-away", library.Folder);
        var third = library.Scan(second);
        Assert.Equal(first.Version, third.Version);
        Assert.Empty(third.Diagnostics);
    }

    [Fact]
    public void Scan_NothingChanged_ReadsNothingAndKeepsTheVersion()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a").Write("data/big.bin", "x");
        var first = library.Scan();
        var second = library.Scan(first);
        Assert.Equal((first.Version, 0), (second.Version, library.Scanner.FilesRead));
        Assert.Same(first.Entries, second.Entries);
    }

    [Fact]
    public void Scan_OneFileChanged_ReadsOnlyThat()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a").Agent("agents/b.md", "b");
        var first = library.Scan();
        library.Agent("agents/a.md", "a", "Does something else now.");
        var second = library.Scan(first);
        Assert.Equal(1, library.Scanner.FilesRead);
        Assert.NotEqual(first.Version, second.Version);
    }

    [UnprivilegedFact]
    [SuppressMessage("Interoperability", "CA1416", Justification = "The attribute skips it elsewhere.")]
    public void Scan_UnreadableFileAndFolder_AreDiagnosedAndReadOnceTheyCanBe()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a").Agent("agents/b.md", "b").Agent("closed/agents/c.md", "c");
        File.SetUnixFileMode(Path.Combine(library.Folder, "agents/b.md"), UnixFileMode.None);
        File.SetUnixFileMode(Path.Combine(library.Folder, "closed"), UnixFileMode.None);
        var snapshot = library.Scan();
        File.SetUnixFileMode(Path.Combine(library.Folder, "agents/b.md"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(Path.Combine(library.Folder, "closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Single(snapshot.Entries);
        Assert.Equal(["folder_unreadable", "unreadable"], snapshot.Diagnostics.Select(diagnostic => diagnostic.Code));
        Assert.Equal(3, library.Scan(snapshot).Entries.Count);
    }
}

/// <summary>Root reads everything and Windows has other permissions: there is nothing to see for this test.</summary>
public sealed class UnprivilegedFactAttribute : FactAttribute
{
    public UnprivilegedFactAttribute()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            Skip = "Needs an ordinary user on a Unix system.";
    }
}
