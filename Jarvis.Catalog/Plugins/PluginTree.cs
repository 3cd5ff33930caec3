using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Plugins;

/// <summary>The plugins of one source: which folders and files belong to which, and what the manifests say that files are.</summary>
public sealed class PluginTree
{
    private readonly Dictionary<string, PluginRef> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileRole> _components = new(StringComparer.Ordinal);
    private readonly HashSet<string> _roots = new(StringComparer.Ordinal);
    private readonly HashSet<string> _replaced = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Puts together what the manifests say.</summary>
    /// <param name="manifests">Each with the folder that its <c>.claude-plugin</c> lies in.</param>
    /// <param name="marketplaces">The same.</param>
    public PluginTree(IEnumerable<(string Folder, PluginManifest Manifest)> manifests, IEnumerable<(string Folder, Marketplace Marketplace)> marketplaces)
    {
        var own = manifests.DistinctBy(pair => pair.Folder, StringComparer.Ordinal).ToDictionary(pair => pair.Folder, pair => pair.Manifest, StringComparer.Ordinal);
        foreach (var (folder, marketplace) in marketplaces)
        {
            foreach (var offer in marketplace.Plugins.Where(offer => offer.Folder is not null))
            {
                var root = PluginPath.Join(folder, offer.Folder!);
                // Strict or not, an entry may add components; without a manifest it is all there is.
                Add(root, Merge(own.GetValueOrDefault(root), offer.Manifest), offer.Manifest.Components, marketplace.Name);
            }
        }

        foreach (var (root, manifest) in own)
            Add(root, manifest, manifest.Components, marketplace: null);
    }

    /// <summary>Of the files of a source, as they were read.</summary>
    public static PluginTree Of(IEnumerable<(FileEntry Entry, ParsedFile File)> files)
    {
        var said = files.Where(file => file.File.Plugin is not null || file.File.Offers is not null)
            .Select(file => (Folder: Classifier.Folder(Classifier.Folder(file.Entry.Path)), file.File)).ToList();
        return new(said.Where(each => each.File.Plugin is not null).Select(each => (each.Folder, each.File.Plugin!)),
            said.Where(each => each.File.Offers is not null).Select(each => (each.Folder, each.File.Offers!)));
    }

    /// <summary>The plugin that a file belongs to: that which names it, or the nearest folder above it; null when it lies freely.</summary>
    public PluginRef? OwnerOf(string path)
    {
        if (_owners.Count == 0)
            return null;
        for (var at = path; ; at = Classifier.Folder(at))
        {
            if (_owners.TryGetValue(at, out var plugin))
                return plugin;
            if (at.Length == 0)
                return null;
        }
    }

    public bool IsRoot(string folder) => _roots.Contains(folder);

    /// <summary>What a manifest says that a file is, and the folders between the path that it names and the file; null when it says nothing.</summary>
    public (FileRole Role, string[] SubFolders)? ComponentOf(string path)
    {
        if (_components.Count == 0)
            return null;
        if (_components.TryGetValue(path, out var role))
            return (role, []);
        for (var folder = Classifier.Folder(path); ; folder = Classifier.Folder(folder))
        {
            if (_components.TryGetValue(folder, out role) && role != FileRole.McpConfig)
                return (role, Classifier.Folder(path)[Math.Min(folder.Length, Classifier.Folder(path).Length)..].Split('/', StringSplitOptions.RemoveEmptyEntries));
            if (folder.Length == 0)
                return null;
        }
    }

    /// <summary>Whether a plugin's <c>agents</c> or <c>commands</c> folder is not looked at, since its manifest names other paths.</summary>
    public bool IsReplaced(string folder) => _replaced.Contains(folder);

    private static PluginManifest Merge(PluginManifest? own, PluginManifest offer) => own is null ? offer : own with
    {
        Version = own.Version ?? offer.Version,
        Author = own.Author ?? offer.Author,
        License = own.License ?? offer.License,
        Repository = own.Repository ?? offer.Repository,
    };

    private void Add(string root, PluginManifest manifest, IReadOnlyList<PluginComponent> components, string? marketplace)
    {
        var plugin = new PluginRef(manifest.Name, manifest.Version) { Author = manifest.Author, License = manifest.License, Repository = manifest.Repository, Marketplace = marketplace };
        _roots.Add(root);
        // Of several plugins in one folder the first has what none of them names.
        _owners.TryAdd(root, plugin);
        var offered = _owners[root].Name == plugin.Name ? _owners[root] : plugin;
        foreach (var component in components)
        {
            var path = PluginPath.Join(root, component.Path);
            _components.TryAdd(path, component.Role);
            _owners.TryAdd(path, offered);
        }

        // Claude Code: commands and agents replace the folder of that name, skills add to it.
        foreach (var (role, folder) in new[] { (FileRole.Agent, "agents"), (FileRole.Command, "commands") })
        {
            if (components.Any(component => component.Role == role))
                _replaced.Add(PluginPath.Join(root, folder));
        }
    }
}
