using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.Catalog.Library;

/// <summary>A source with all that its files gave.</summary>
public sealed record ScannedSource(LibrarySource Source, TreeListing Listing, IReadOnlyList<ParsedFile> Files, DateTimeOffset ScannedAt, double ScanMs, bool Watching);

/// <summary>Makes a snapshot of scanned sources: plugins, bundled files, precedence, ids, the index.</summary>
public sealed class SnapshotBuilder(TermTable terms)
{
    private const int MaxBundled = 200;

    public CatalogSnapshot Build(IReadOnlyList<ScannedSource> sources)
    {
        var diagnostics = sources.SelectMany(source => source.Listing.Diagnostics.Concat(source.Files.SelectMany(file => file.Diagnostics))).ToList();
        var parsed = new List<(ParsedResource Parsed, Resource Resource, int Rank)>();
        foreach (var scanned in sources)
        {
            var plugins = Plugins(scanned);
            var categories = scanned.Files.Where(file => file.Marketplace is not null).SelectMany(file => file.Marketplace!).DistinctBy(pair => pair.Key, StringComparer.Ordinal)
                .ToDictionary(StringComparer.Ordinal);
            foreach (var item in scanned.Files.SelectMany(file => file.Resources))
            {
                var resource = Complete(item.Resource, scanned, plugins, categories);
                parsed.Add((item, resource, Rank(scanned.Source, resource)));
            }
        }

        var ordered = parsed.OrderBy(item => item.Rank).ToList();
        var entries = new List<CatalogEntry>(ordered.Count);
        var documents = new List<DocumentTerms>(ordered.Count);
        var shelves = new Dictionary<ResourceKind, Shelf>();
        foreach (var kind in ResourceKinds.All)
        {
            var ofKind = ordered.FindAll(item => item.Resource.Kind == kind);
            var ids = ResourceIds.Assign(ofKind.ConvertAll(item => item.Resource));
            var shelf = new List<CatalogEntry>(ofKind.Count);
            for (var i = 0; i < ofKind.Count; i++)
            {
                var resource = ofKind[i].Resource with { Id = ids[i] };
                shelf.Add(new(resource, ofKind[i].Parsed.Content, Hash(resource, ofKind[i].Parsed.Content)));
                documents.Add(ofKind[i].Parsed.Terms);
            }

            entries.AddRange(shelf);
            shelves[kind] = new(shelf);
        }

        var bySource = entries.ToLookup(entry => entry.Resource.Source, entry => entry.Resource, StringComparer.Ordinal);
        var noted = diagnostics.CountBy(diagnostic => diagnostic.Source, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var reports = sources.Select(scanned => new SourceReport(
            scanned.Source.Name, scanned.Source.Configured, scanned.Listing.State, scanned.Listing.Files.Count, SourceCounts.Of(bySource[scanned.Source.Name]),
            noted.GetValueOrDefault(scanned.Source.Name), scanned.ScannedAt, scanned.ScanMs, scanned.Watching)).ToList();
        var version = Short(string.Join('\n', entries.Select(entry => entry.Hash)));
        return new(version, reports, diagnostics, shelves, entries, new(SearchIndex.Build(documents, terms), entries.ConvertAll(entry => entry.Resource)));
    }

    /// <summary>Claude Code's order: a project's own, the user's, what lies freely, what comes with a plugin.</summary>
    private static int Rank(LibrarySource source, Resource resource) => resource switch
    {
        { Plugin: not null } => 3,
        _ when resource.Path.StartsWith(".claude/", StringComparison.Ordinal) || resource.Path.Contains("/.claude/", StringComparison.Ordinal) => 0,
        _ => source.IsClaudeHome ? 1 : 2,
    };

    private static Dictionary<string, PluginRef> Plugins(ScannedSource scanned)
    {
        var plugins = new Dictionary<string, PluginRef>(StringComparer.Ordinal);
        foreach (var (file, entry) in scanned.Files.Zip(scanned.Listing.Files))
        {
            if (file.Plugin is { } manifest)
                plugins[Classifier.Folder(Classifier.Folder(entry.Path))] = new(manifest.Name, manifest.Version);
        }

        return plugins;
    }

    private static Resource Complete(Resource resource, ScannedSource scanned, Dictionary<string, PluginRef> plugins, Dictionary<string, string> categories)
    {
        PluginRef? plugin = null;
        for (var folder = Classifier.Folder(resource.Path); plugins.Count > 0 && !plugins.TryGetValue(folder, out plugin) && folder.Length > 0;)
            folder = Classifier.Folder(folder);
        if (plugin is not null)
            resource = resource with { Plugin = plugin, Category = resource.Category ?? categories.GetValueOrDefault(plugin.Name) };
        return resource is Skill skill ? WithFiles(skill, scanned.Listing.Files, isPlugin: plugins.ContainsKey(Classifier.Folder(skill.Path))) : resource;
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

    private static string Hash(Resource resource, ResourceContent content) =>
        Short($"{content.Hash}\n{JsonSerializer.Serialize<object>(resource, JsonRules.Options)}");

    private static string Short(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
}
