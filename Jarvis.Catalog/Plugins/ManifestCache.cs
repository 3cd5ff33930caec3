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
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether a manifest of the source could not be opened when it was last loaded, and can be now: a change of permissions leaves no other trace.
    /// False while it still cannot, so that it does not make every scan a change.
    /// </summary>
    public bool CanReadMore(LibrarySource source) => _known.TryGetValue(source.Folder, out var known) && known.Unreadable.Exists(path => CanOpen(source, path));

    /// <summary>Reads the source's manifests anew at the next <see cref="Load"/>, whatever their time stamps say.</summary>
    public void Forget(LibrarySource source) => _known.TryRemove(source.Folder, out _);

    public PluginTree Load(LibrarySource source, TreeListing listing)
    {
        var manifests = new List<(string, PluginManifest)>();
        var marketplaces = new List<(string, Marketplace)>();
        var before = _known.GetValueOrDefault(source.Folder);
        // Made anew, so that what is gone is forgotten.
        var now = new Known(new(StringComparer.Ordinal), []);
        foreach (var entry in listing.Files)
        {
            if (!entry.Path.EndsWith(".json", StringComparison.Ordinal) || !Is(entry.Path, "plugin.json") && !Is(entry.Path, "marketplace.json"))
                continue;
            var folder = Classifier.Folder(Classifier.Folder(entry.Path));
            switch (Of(source, entry, before, now))
            {
                case PluginManifest manifest:
                    manifests.Add((folder, manifest));
                    break;
                case Marketplace marketplace:
                    marketplaces.Add((folder, marketplace));
                    break;
            }
        }

        _known[source.Folder] = now;
        return new(manifests, marketplaces);
    }

    private static bool Is(string path, string name) => path.EndsWith($".claude-plugin/{name}", StringComparison.Ordinal)
        && (path.Length == name.Length + 15 || path[^(name.Length + 16)] == '/');

    private static object? Of(LibrarySource source, FileEntry entry, Known? before, Known now)
    {
        if (before is not null && before.Manifests.TryGetValue(entry.Path, out var known) && known.Stamp == entry.Stamp)
        {
            now.Manifests[entry.Path] = known;
            return known.Manifest;
        }

        try
        {
            var manifest = entry.Stamp.Size is 0 or > MaxBytes ? null : Parse(source, entry.Path, isMarketplace: entry.Path.EndsWith("marketplace.json", StringComparison.Ordinal));
            now.Manifests[entry.Path] = (entry.Stamp, manifest);
            return manifest;
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            now.Unreadable.Add(entry.Path);
            return null;
        }
    }

    // What is wrong with it is said when it is read as a file of the library.
    private static object? Parse(LibrarySource source, string path, bool isMarketplace)
    {
        try
        {
            if (TextFile.Decode(FileBytes.Read(source.Folder, path, MaxBytes).Bytes) is not { } text)
                return null;
            using var json = JsonDocument.Parse(text.Text, Options);
            var reader = new ManifestReader();
            return isMarketplace ? reader.Marketplace(json.RootElement) : reader.Plugin(json.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static bool CanOpen(LibrarySource source, string path)
    {
        try
        {
            using var handle = LibraryFile.Open(source.Folder, path);
            return RandomAccess.GetLength(handle) > 0;
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            return false;
        }
    }

    private static bool IsRefusal(Exception exception) => exception is IOException or UnauthorizedAccessException or System.Security.SecurityException;

    // Both by path within the source.
    private sealed record Known(Dictionary<string, (FileStamp Stamp, object? Manifest)> Manifests, List<string> Unreadable);
}
