using Jarvis.Catalog.Library;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Tests;

/// <summary>A scan of the changed paths alone must end where a scan of everything does.</summary>
public sealed class IncrementalTests
{
    private static readonly string[] Folders = ["agents", "agents/ops", "commands/git", "skills/one", "skills/two/scripts", "plugins/p/agents", "plugins/p/.claude-plugin", "flows"];
    private static readonly string[] Names = ["a.md", "b.md", "SKILL.md", "plugin.json", "flow.json", "notes.txt", ".mcp.json"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Scan_OfRandomChanges_IsAScanOfEverything(int seed)
    {
        var random = new Random(seed);
        using var library = new TempLibrary();
        var scanner = library.Scanner;
        var snapshot = library.Scan();
        for (var round = 0; round < 25; round++)
        {
            var changed = new HashSet<string>(StringComparer.Ordinal);
            for (var change = random.Next(1, 6); change > 0; change--)
                changed.UnionWith(Change(library, random));
            snapshot = scanner.Scan(snapshot, new Dictionary<LibrarySource, HashSet<string>?> { [scanner.Sources[0]] = changed }, _ => false, CancellationToken.None);

            var fresh = Fresh(library.Folder);
            Assert.Equal(Lines(fresh), Lines(snapshot));
            Assert.Equal(fresh.Version, snapshot.Version);
            Assert.Equal(fresh.Diagnostics.Select(diagnostic => diagnostic.ToString()).Order(), snapshot.Diagnostics.Select(diagnostic => diagnostic.ToString()).Order());
            foreach (var sort in Shelf.Sorts)
                Assert.Equal(fresh.Shelves.Values.SelectMany(shelf => shelf.By(sort)).Select(entry => entry.Hash), snapshot.Shelves.Values.SelectMany(shelf => shelf.By(sort)).Select(entry => entry.Hash));
            Assert.Equal(Found(fresh), Found(snapshot));
        }
    }

    [Fact]
    public void Scan_OfOneChange_ReadsOneFileAndKeepsTheOthersObjects()
    {
        using var library = new TempLibrary();
        for (var i = 0; i < 20; i++)
            library.Agent($"agents/{i}.md", $"agent{i}");
        var before = library.Scan();
        library.Agent("agents/7.md", "agent7", "Changed.");
        var after = library.Scanner.Scan(before, new Dictionary<LibrarySource, HashSet<string>?> { [library.Scanner.Sources[0]] = ["agents/7.md"] }, _ => false, CancellationToken.None);
        Assert.Equal(1, library.Scanner.FilesRead);
        Assert.Equal(19, after.Entries.Count(entry => before.Entries.Any(old => ReferenceEquals(old, entry))));
    }

    [Fact]
    public void Scan_OfNothing_LooksAtNothing()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        var before = library.Scan();
        library.Agent("agents/b.md", "b");
        var after = library.Scanner.Scan(before, new Dictionary<LibrarySource, HashSet<string>?>(), _ => false, CancellationToken.None);
        Assert.Equal(before.Version, after.Version);
        Assert.Equal(2, library.Scan(after).Entries.Count);
    }

    [Fact]
    public void Scan_AfterOneThatFailed_GivesWhatThatOneSaw()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        var failing = new FailingSource();
        var scanner = new LibraryScanner(Options.Create(new LibraryOptions { Roots = [library.Folder] }), TimeProvider.System, [failing]);
        var before = scanner.Scan(null, _ => false, CancellationToken.None);
        library.Agent("agents/b.md", "b");
        failing.Fails = true;
        Assert.Throws<InvalidOperationException>(() => scanner.Scan(before, _ => false, CancellationToken.None));
        failing.Fails = false;
        Assert.Equal(2, scanner.Scan(before, _ => false, CancellationToken.None).Entries.Count);
    }

    [Theory]
    [InlineData("skills/one/data.json", "{}", "{\"longer\": 1}")]
    [InlineData("skills/one/scripts/run.sh", "a", "ab")]
    public void Scan_BundledFileThatChanged_IsToldWithItsSize(string path, string first, string then)
    {
        using var library = new TempLibrary().Write("skills/one/SKILL.md", "---\nname: one\ndescription: One.\n---\nx").Write(path, first);
        var before = library.Scan();
        library.Write(path, then);
        var skill = Assert.IsType<Resources.Skill>(Assert.Single(library.Scan(before).Entries).Resource);
        Assert.Equal(then.Length, Assert.Single(skill.Files).SizeBytes);
    }

    private sealed class FailingSource : IExtraSource
    {
        private readonly TreeListing _listing = new(SourceState.Ready, [], []);

        public bool Fails { get; set; }

        public LibrarySource Source => LibrarySource.MadeHere;

        public Task FirstRead => Task.CompletedTask;

        public ScannedSource Scan(Search.TermTable terms) =>
            Fails ? throw new InvalidOperationException("Once.") : new(Source, _listing, [], DateTimeOffset.UnixEpoch, 0, false);
    }

    private static IEnumerable<string> Change(TempLibrary library, Random random)
    {
        var folder = Folders[random.Next(Folders.Length)];
        var path = $"{folder}/{Names[random.Next(Names.Length)]}";
        var full = Path.Combine(library.Folder, path);
        switch (random.Next(10))
        {
            case 0 when Directory.Exists(Path.Combine(library.Folder, folder)):
                Directory.Delete(Path.Combine(library.Folder, folder), recursive: true);
                return [folder];
            case 1 when Directory.Exists(Path.Combine(library.Folder, folder)):
                var moved = $"{folder.Split('/')[0]}/moved{random.Next(3)}";
                if (moved.StartsWith(folder, StringComparison.Ordinal) || Directory.Exists(Path.Combine(library.Folder, moved)))
                    return [];
                Directory.Move(Path.Combine(library.Folder, folder), Path.Combine(library.Folder, moved));
                return [folder, moved];
            case 2 or 3 when File.Exists(full):
                File.Delete(full);
                return [path];
            case 4 when !Path.Exists(full) && Directory.Exists(Path.GetDirectoryName(full)):
                File.CreateSymbolicLink(full, "/etc/hostname");
                return [path];
            default:
                // A link in its place would be written through.
                if (new FileInfo(full).LinkTarget is not null)
                    File.Delete(full);
                library.Write(path, Text(path, random));
                // The names of the folders that it made come as events too.
                return [path, folder];
        }
    }

    private static string Text(string path, Random random) => Path.GetExtension(path) switch
    {
        ".md" => random.Next(6) == 0 ? "" : $"---\nname: n{random.Next(4)}\ndescription: words {random.Next(100)} more\n---\n\nBody {random.Next(100)}\n",
        ".json" when path.EndsWith("plugin.json", StringComparison.Ordinal) => $$"""{"name": "p{{random.Next(3)}}", "version": "1.{{random.Next(3)}}"}""",
        ".json" when path.EndsWith(".mcp.json", StringComparison.Ordinal) => """{"mcpServers": {"sN": {"command": "x"}}}""".Replace("sN", $"s{random.Next(3)}", StringComparison.Ordinal),
        ".json" => """{"name": "fN", "nodes": [{"name": "n", "type": "t"}], "connections": {}}""".Replace("fN", $"f{random.Next(3)}", StringComparison.Ordinal),
        _ => $"note {random.Next()}",
    };

    private static CatalogSnapshot Fresh(string folder) =>
        new LibraryScanner(Options.Create(new LibraryOptions { Roots = [folder] }), TimeProvider.System).Scan(null, _ => false, CancellationToken.None);

    private static IEnumerable<string> Lines(CatalogSnapshot snapshot) => snapshot.Entries.Select(entry => $"{entry.Resource.Kind} {entry.Resource.Id} {entry.Resource.Path} {entry.Hash}");

    private static IEnumerable<string> Found(CatalogSnapshot snapshot) =>
        snapshot.Ranker.Find("words n1").Select(hit => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{snapshot.Entries[hit.Document].Hash} {hit.Score:F3}"));
}
