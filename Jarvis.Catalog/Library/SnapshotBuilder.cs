using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Effective;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Linting;
using Jarvis.Catalog.Plugins;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Library;

/// <summary>A source with all that its files gave.</summary>
public sealed record ScannedSource(LibrarySource Source, TreeListing Listing, IReadOnlyList<ParsedFile> Files, DateTimeOffset ScannedAt, double ScanMs, bool Watching);

/// <summary>
/// Makes a snapshot of scanned sources: plugins, bundled files, precedence, ids, orders, the index. What did not change since the last one keeps its objects,
/// so that one changed file among many costs little. For one caller at a time.
/// </summary>
public sealed class SnapshotBuilder(TermTable terms)
{
    private const int MaxBundled = 200;
    private Dictionary<ParsedResource, Built> _built = new(ReferenceEqualityComparer.Instance);
    private Dictionary<ResourceKind, Shelf> _shelves = [];
    private Ranker? _ranker;

    public CatalogSnapshot Build(IReadOnlyList<ScannedSource> sources)
    {
        var diagnostics = sources.SelectMany(source => source.Listing.Diagnostics.Concat(source.Files.SelectMany(file => file.Diagnostics))).ToList();
        var items = sources.SelectMany(Items).ToList();
        diagnostics.AddRange(WebhookConflicts.Of(items.Select(item => item.Completed)));
        // Stable: among equals in the order of the sources and their paths.
        var ordered = Enumerable.Range(0, Ranks).SelectMany(rank => items.Where(item => item.Rank == rank)).ToList();

        var built = new Dictionary<ParsedResource, Built>(items.Count, ReferenceEqualityComparer.Instance);
        var entries = new List<CatalogEntry>(items.Count);
        var documents = new List<DocumentTerms>(items.Count);
        var shelves = new Dictionary<ResourceKind, Shelf>();
        foreach (var kind in ResourceKinds.All)
        {
            var ofKind = ordered.FindAll(item => item.Completed.Kind == kind);
            var ids = ResourceIds.Assign(ofKind.ConvertAll(item => (item.Completed, item.Plain)));
            var standings = EffectiveView.Of(ofKind.ConvertAll(item => (item.Completed, item.Rank)));
            diagnostics.AddRange(NameNotes.Of(ofKind.ConvertAll(item => item.Completed), standings));
            var shelf = new List<CatalogEntry>(ofKind.Count);
            for (var i = 0; i < ofKind.Count; i++)
            {
                var item = ofKind[i];
                var entry = item.Entry is { } known && standings[i].IsThatOf(known.Resource, i, ids) ? known : CatalogEntry.Of(standings[i].Of(item.Completed, i, ids), item.Parsed.Content);
                built[item.Parsed] = item with { Entry = entry };
                shelf.Add(entry);
                documents.Add(item.Parsed.Terms);
            }

            entries.AddRange(shelf);
            shelves[kind] = new(shelf, _shelves.GetValueOrDefault(kind));
        }

        (_built, _shelves) = (built, shelves);
        diagnostics = NameNotes.Ordered(diagnostics, sources);
        _ranker = new(SearchIndex.Build(_ranker?.Index, documents, terms), entries, _ranker);
        var version = VersionOf(entries, diagnostics);
        return new(version, Reports(sources, entries, diagnostics), diagnostics, shelves, entries, _ranker) { Shown = $"{version}-{TimesOf(entries)}" };
    }

    /// <summary>A resource on its way into the snapshot.</summary>
    /// <param name="Parsed">As its file gave it; the same object as long as the file does not change.</param>
    /// <param name="Scanned">The source's scan that it was completed from.</param>
    /// <param name="Completed">With its plugin and its bundled files.</param>
    /// <param name="Plain">The id that it has when nothing else takes it.</param>
    /// <param name="Rank">Lower goes first.</param>
    /// <param name="Entry">As the last snapshot had it; null when it is new.</param>
    private sealed record Built(ParsedResource Parsed, ScannedSource Scanned, Resource Completed, string Plain, int Rank, CatalogEntry? Entry);

    private IEnumerable<Built> Items(ScannedSource scanned)
    {
        var plugins = Plugins(scanned);
        var categories = scanned.Files.Where(file => file.Marketplace is not null).SelectMany(file => file.Marketplace!).DistinctBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
        foreach (var parsed in scanned.Files.SelectMany(file => file.Resources))
        {
            var before = _built.GetValueOrDefault(parsed);
            if (before is not null && ReferenceEquals(before.Scanned.Files, scanned.Files))
            {
                yield return before;
                continue;
            }

            var completed = Complete(parsed.Resource, scanned, plugins, categories);
            yield return before is not null && SameCompletion(before.Completed, completed)
                ? before with { Scanned = scanned }
                : new(parsed, scanned, completed, before?.Plain ?? ResourceIds.Plain(completed), Rank(scanned.Source, completed), null);
        }
    }

    private static bool SameCompletion(Resource before, Resource now) => before.Plugin == now.Plugin && before.Category == now.Category
        && (before is not Skill skill || now is not Skill other || (skill.FileCount == other.FileCount && skill.Files.SequenceEqual(other.Files)));

    private static List<SourceReport> Reports(IReadOnlyList<ScannedSource> sources, List<CatalogEntry> entries, List<Diagnostic> diagnostics)
    {
        var bySource = entries.ToLookup(entry => entry.Resource.Source, entry => entry.Resource, StringComparer.Ordinal);
        var noted = diagnostics.CountBy(diagnostic => diagnostic.Source, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return [.. sources.Select(scanned => new SourceReport(
            scanned.Source.Name, scanned.Source.Configured, scanned.Listing.State, scanned.Listing.Files.Count, SourceCounts.Of(bySource[scanned.Source.Name]),
            noted.GetValueOrDefault(scanned.Source.Name), scanned.ScannedAt, scanned.ScanMs, scanned.Watching))];
    }

    private const int Ranks = 4;

    /// <summary>Claude Code's order: a project's own, the user's, what lies freely, what comes with a plugin.</summary>
    private static int Rank(LibrarySource source, Resource resource) => resource switch
    {
        { Plugin: not null } => 3,
        _ when resource.Path.StartsWith(".claude/", StringComparison.Ordinal) || resource.Path.Contains("/.claude/", StringComparison.Ordinal) => 0,
        _ => source.IsClaudeHome || source == LibrarySource.MadeHere ? 1 : 2,
    };

    private static PluginTree Plugins(ScannedSource scanned) => PluginTree.Of(scanned.Listing.Files.Zip(scanned.Files));

    private static Resource Complete(Resource resource, ScannedSource scanned, PluginTree plugins, Dictionary<string, string> categories)
    {
        if (plugins.OwnerOf(resource.Path) is { } plugin)
            resource = resource with { Plugin = plugin, Category = resource.Category ?? categories.GetValueOrDefault(plugin.Name) };
        return resource is Skill skill ? WithFiles(skill, scanned.Listing.Files, isPlugin: plugins.IsRoot(Classifier.Folder(skill.Path))) : resource;
    }

    private static Skill WithFiles(Skill skill, IReadOnlyList<FileEntry> files, bool isPlugin)
    {
        var folder = Classifier.Folder(skill.Path);
        var prefix = folder.Length == 0 ? "" : $"{folder}/";
        var bundled = new List<BundledFile>();
        for (var i = LowerBound(files, prefix); i < files.Count && files[i].Path.StartsWith(prefix, StringComparison.Ordinal); i++)
        {
            var path = files[i].Path[prefix.Length..];
            // The skill at a plugin's top shares its folder with the plugin's other parts.
            if (files[i].Path != skill.Path && (!isPlugin || path.StartsWith("scripts/", StringComparison.Ordinal)
                || path.StartsWith("references/", StringComparison.Ordinal) || path.StartsWith("assets/", StringComparison.Ordinal)))
            {
                bundled.Add(new(path, files[i].Stamp.Size));
            }
        }

        return skill with { Files = [.. bundled.Take(MaxBundled)], FileCount = bundled.Count };
    }

    private static int LowerBound(IReadOnlyList<FileEntry> files, string prefix)
    {
        var (low, high) = (0, files.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(files[middle].Path, prefix) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static string TimesOf(List<CatalogEntry> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> ticks = stackalloc byte[sizeof(long)];
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteInt64LittleEndian(ticks, entry.Resource.UpdatedAt.UtcTicks);
            hash.AppendData(ticks);
        }

        return ShortHash.Of(hash);
    }

    /// <summary>Of what is served, and of what is told of it: a file that is refused now is news, too.</summary>
    private static string VersionOf(List<CatalogEntry> entries, List<Diagnostic> diagnostics)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in entries)
            hash.AppendData(Encoding.ASCII.GetBytes(entry.Hash));
        foreach (var diagnostic in diagnostics)
            hash.AppendData(Encoding.UTF8.GetBytes($"{diagnostic.Source}/{diagnostic.Path}:{diagnostic.Line} {diagnostic.Code}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
