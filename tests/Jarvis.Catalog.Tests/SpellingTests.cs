using Jarvis.Catalog.Library;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Tests;

/// <summary>File systems to which upper and lower case are the same.</summary>
public sealed class SpellingTests
{
    private static readonly Dictionary<string, string[]> Folders = new(StringComparer.OrdinalIgnoreCase)
    {
        ["/lib"] = ["Agents", "flow.json"],
        ["/lib/Agents"] = ["Foo.md", "bar.md"],
    };

    [Theory]
    [InlineData("agents/foo.md", "Agents/Foo.md")]
    [InlineData("Agents/Foo.md", "Agents/Foo.md")]
    [InlineData("AGENTS/BAR.MD", "Agents/bar.md")]
    [InlineData("agents", "Agents")]
    [InlineData("agents/gone.md", "Agents/gone.md")]
    [InlineData("123/4.5", "123/4.5")]
    public void Of_AnySpelling_IsTheOneThatIsListed(string given, string listed) => Assert.Equal(listed, Insensitive().Of("/lib", given));

    [Fact]
    public void Of_ManyPathsOfOneFolder_ListsItOnce()
    {
        var listings = 0;
        var spelling = new PathSpelling(Exists, folder =>
        {
            listings++;
            return Folders[folder];
        });
        foreach (var path in (string[])["agents/foo.md", "agents/FOO.md", "agents/bar.md"])
            spelling.Of("/lib", path);
        Assert.Equal(2, listings);
    }

    [Fact]
    public void Refresh_RenamedInCaseOnly_LeavesOneEntry()
    {
        // The disk tells the cases apart; what is asked of it is answered as one that does not.
        using var library = new TempLibrary().Agent("agents/Foo.md", "foo");
        var listed = Path.Combine(library.Folder, "agents/Foo.md");
        var walker = new TreeWalker(new(), new(Options.Create(new LibraryOptions())), () => new(
            path => Path.Exists(path) || path.Equals(listed, StringComparison.OrdinalIgnoreCase) || path.Equals(Path.GetDirectoryName(listed), StringComparison.OrdinalIgnoreCase),
            folder => new DirectoryInfo(folder).EnumerateFileSystemInfos().Select(entry => entry.Name)));
        var source = library.Scanner.Sources[0];
        var now = walker.Walk(source, CancellationToken.None);
        var before = now with { Files = [now.Files[0] with { Path = "agents/foo.md" }] };
        foreach (var changed in (HashSet<string>[])[["agents/foo.md", "agents/Foo.md"], ["agents/foo.md"]])
            Assert.Equal(["agents/Foo.md"], walker.Refresh(source, before, changed, CancellationToken.None).Files.Select(file => file.Path));
    }

    [Fact]
    public void Refresh_TwoFilesThatDifferInCase_KeepsBothWhereTheyAreTwo()
    {
        using var library = new TempLibrary().Agent("agents/Foo.md", "foo").Agent("agents/fOO.MD", "other");
        var walker = new TreeWalker(new(), new(Options.Create(new LibraryOptions())));
        var source = library.Scanner.Sources[0];
        var listing = walker.Walk(source, CancellationToken.None);
        var refreshed = walker.Refresh(source, listing, ["agents/Foo.md", "agents/fOO.MD"], CancellationToken.None);
        Assert.Equal(listing.Files.Select(file => file.Path), refreshed.Files.Select(file => file.Path));
    }

    private static PathSpelling Insensitive() => new(Exists, folder => Folders[folder]);

    private static bool Exists(string path) => Folders.ContainsKey(path)
        || Folders.Any(folder => folder.Value.Any(name => path.Equals($"{folder.Key}/{name}", StringComparison.OrdinalIgnoreCase)));
}
