using System.Collections.Concurrent;
using System.Text.Json;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;

namespace Jarvis.Catalog.Plugins;

/// <summary>
/// Manifests have to be known before the other files are told apart, since they name paths. They are read here for that, once per change, and again with
/// the other files for what they say and what is wrong with them. For any number of threads.
/// </summary>
public sealed class ManifestCache
{
    private const int MaxBytes = 1_048_576;
    private static readonly JsonDocumentOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 };
    private readonly ConcurrentDictionary<string, (FileStamp Stamp, object? Manifest)> _known = new(StringComparer.Ordinal);

    public PluginTree Load(LibrarySource source, TreeListing listing)
    {
        var manifests = new List<(string, PluginManifest)>();
        var marketplaces = new List<(string, Marketplace)>();
        foreach (var entry in listing.Files)
        {
            if (!entry.Path.EndsWith(".json", StringComparison.Ordinal) || !Is(entry.Path, "plugin.json") && !Is(entry.Path, "marketplace.json"))
                continue;
            var folder = Classifier.Folder(Classifier.Folder(entry.Path));
            switch (Of(source, entry))
            {
                case PluginManifest manifest:
                    manifests.Add((folder, manifest));
                    break;
                case Marketplace marketplace:
                    marketplaces.Add((folder, marketplace));
                    break;
            }
        }

        return new(manifests, marketplaces);
    }

    private static bool Is(string path, string name) => path.EndsWith($".claude-plugin/{name}", StringComparison.Ordinal)
        && (path.Length == name.Length + 15 || path[^(name.Length + 16)] == '/');

    private object? Of(LibrarySource source, FileEntry entry)
    {
        var path = Path.Combine(source.Folder, entry.Path);
        if (_known.TryGetValue(path, out var known) && known.Stamp == entry.Stamp)
            return known.Manifest;
        var manifest = entry.Stamp.Size is 0 or > MaxBytes ? null : Parse(path, isMarketplace: entry.Path.EndsWith("marketplace.json", StringComparison.Ordinal));
        _known[path] = (entry.Stamp, manifest);
        return manifest;
    }

    // What is wrong with it is said when it is read as a file of the library.
    private static object? Parse(string path, bool isMarketplace)
    {
        try
        {
            if (TextFile.Decode(FileBytes.Read(path, MaxBytes).Bytes) is not { } text)
                return null;
            using var json = JsonDocument.Parse(text.Text, Options);
            var reader = new ManifestReader();
            return isMarketplace ? reader.Marketplace(json.RootElement) : reader.Plugin(json.RootElement);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException
            or JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            return null;
        }
    }
}
