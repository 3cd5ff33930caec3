using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Tests;

public sealed class TermTableTests
{
    [Fact]
    public void Scan_WhenMostTermsAreGone_BeginsANewTableAtTheNextWholeScan()
    {
        using var library = new TempLibrary().Agent("agents/kept.md", "kept", "Keeps.").Agent("agents/a.md", "a", body: Words(0, 400));
        var extra = new Extra();
        var scanner = new LibraryScanner(Options.Create(new LibraryOptions { Roots = [library.Folder] }), TimeProvider.System, [extra], minTerms: 300);
        var first = scanner.Scan(null, _ => false, CancellationToken.None);
        library.Agent("agents/a.md", "a", body: "Nothing of it.");
        var changes = new Dictionary<LibrarySource, HashSet<string>?> { [scanner.Sources[0]] = ["agents/a.md"] };
        var second = scanner.Scan(first, changes, _ => false, CancellationToken.None);
        // More was counted meanwhile, so that it is looked at: the old words are the most.
        library.Agent("agents/a.md", "a", body: Words(400, 200));
        second = scanner.Scan(second, changes, _ => false, CancellationToken.None);
        library.Agent("agents/a.md", "a", body: "Nothing again.");
        second = scanner.Scan(second, changes, _ => false, CancellationToken.None);
        Assert.Same(first.Ranker.Index.Terms, second.Ranker.Index.Terms);
        Assert.True(second.Ranker.Index.LiveTerms() * 2 < second.Ranker.Index.Terms.Count);

        var third = scanner.Scan(second, _ => false, CancellationToken.None);
        Assert.NotSame(second.Ranker.Index.Terms, third.Ranker.Index.Terms);
        Assert.Equal(third.Ranker.Index.LiveTerms(), third.Ranker.Index.Terms.Count);
        Assert.Equal(second.Version, third.Version);
        Assert.Single(third.Ranker.Find("keeps"));
        Assert.Empty(third.Ranker.Find("word17x"));
        // The old snapshot is still searched by who has it, and sources of other kinds count into the new table.
        Assert.Single(second.Ranker.Find("keeps"));
        Assert.Same(third.Ranker.Index.Terms, extra.Terms);

        var fourth = scanner.Scan(third, _ => false, CancellationToken.None);
        Assert.Same(third.Entries, fourth.Entries);
    }

    [Fact]
    public void Scan_WhenTheTermsLive_KeepsTheTable()
    {
        using var library = new TempLibrary();
        var scanner = new LibraryScanner(Options.Create(new LibraryOptions { Roots = [library.Folder] }), TimeProvider.System, [], minTerms: 50);
        CatalogSnapshot? snapshot = null;
        var tables = new HashSet<TermTable>();
        for (var i = 0; i < 8; i++)
        {
            library.Agent($"agents/{i}.md", $"agent{i}", body: Words(i * 100, 100));
            snapshot = scanner.Scan(snapshot, _ => false, CancellationToken.None);
            tables.Add(snapshot.Ranker.Index.Terms);
        }

        Assert.Single(tables);
    }

    private static string Words(int from, int count) => string.Join(' ', Enumerable.Range(from, count).Select(number => $"word{number}x"));

    private sealed class Extra : IExtraSource
    {
        private readonly TreeListing _listing = new(SourceState.Ready, [], []);

        public TermTable? Terms { get; private set; }

        public LibrarySource Source { get; } = new("extra", "extra", "");

        public Task FirstRead => Task.CompletedTask;

        public ScannedSource Scan(TermTable terms)
        {
            Terms = terms;
            return new(Source, _listing, [], DateTimeOffset.UnixEpoch, 0, Watching: false);
        }
    }
}
