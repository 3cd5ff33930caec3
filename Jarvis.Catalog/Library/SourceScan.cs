using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Plugins;

namespace Jarvis.Catalog.Library;

/// <summary>
/// One source from scan to scan: its listing, and what each of its files gave. A file whose stamp is as before is neither read nor classified
/// again, unless the folders' roles may have changed. For one caller at a time.
/// </summary>
internal sealed class SourceScan(LibrarySource source, TreeWalker walker, FileReader reader, ManifestCache manifests, TimeProvider time)
{
    public const string CatalogFull = "catalog_full";

    // Files that are parsed side by side before their bytes are counted against the bound.
    private const int Batch = 128;
    private Dictionary<string, ParsedFile> _known = new(StringComparer.Ordinal);
    private Classifier? _classifier;
    private ScannedSource? _last;

    // Files whose time stamps cannot tell a later change yet.
    private bool _hasFresh;

    /// <summary>Files that the last scan read, because they were new or had changed.</summary>
    public int FilesRead { get; private set; }

    /// <summary>Looks at <paramref name="changed"/>, or at everything when it is null.</summary>
    /// <returns>The source as it is now, and whether it differs from before.</returns>
    public (ScannedSource Scanned, bool Differs) Scan(HashSet<string>? changed, bool watching, CatalogBytes bytes, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        FilesRead = 0;
        var last = _last;
        if (last is not null && changed is { Count: 0 } && !_hasFresh && bytes.AddAll(last.Files))
            return (last, false);

        var listing = last is null || changed is null ? walker.Walk(source, cancellationToken) : walker.Refresh(source, last.Listing, changed, cancellationToken);
        var restructured = last is null || _classifier is null || manifests.CanReadMore(source) || IsRestructured(last.Listing, listing);
        var classifier = _classifier = restructured ? new(source, listing, manifests) : _classifier!;

        var files = new ParsedFile[listing.Files.Count];
        var pending = new List<int>();
        var refused = false;
        for (var i = 0; i < files.Length; i++)
        {
            var entry = listing.Files[i];
            if (_known.TryGetValue(entry.Path, out var known) && known.Stamp == entry.Stamp && known.Fresh is null && !IsRefusedForRoom(known)
                && (!restructured || known.IsStill(classifier.Of(entry.Path))))
            {
                // Another source may have grown.
                var fits = bytes.Add(known);
                files[i] = fits ? known : Full(entry, known, bytes);
                refused |= !fits;
            }
            else
            {
                pending.Add(i);
            }
        }

        Read(listing, files, pending, classifier, bytes, cancellationToken);
        var differs = last is null || restructured || refused || last.Listing.State != listing.State || last.Files.Count != files.Length
            || !last.Listing.Diagnostics.SequenceEqual(listing.Diagnostics) || pending.Exists(i => IsChange(listing.Files[i].Path, files[i], classifier));
        // A manifest that changed without a new stamp: what it says of other files is seen at the next scan.
        if (pending.Exists(i => Classifier.IsStructural(listing.Files[i]) && _known.TryGetValue(listing.Files[i].Path, out var before) && before.Stamp == files[i].Stamp && !IsSame(listing.Files[i].Path, files[i])))
        {
            manifests.Forget(source);
            _classifier = null;
        }

        if (differs || pending.Count > 0)
            (_hasFresh, _known) = (Array.Exists(files, file => file.Fresh is not null), listing.Files.Zip(files).ToDictionary(pair => pair.First.Path, pair => pair.Second, StringComparer.Ordinal));
        // Unchanged lists stay the same objects: what is made of them can be kept too.
        var scanned = differs
            ? new ScannedSource(source, listing, files, time.GetUtcNow(), 0, watching)
            : last! with { Listing = listing, ScannedAt = time.GetUtcNow(), Watching = watching };
        _last = scanned with { ScanMs = Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 1) };
        return (_last, differs);
    }

    private void Read(TreeListing listing, ParsedFile[] files, List<int> pending, Classifier classifier, CatalogBytes bytes, CancellationToken cancellationToken)
    {
        for (var from = 0; from < pending.Count; from += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = pending.GetRange(from, Math.Min(Batch, pending.Count - from));
            if (batch.Count == 1)
                Read(batch[0]);
            else
                Parallel.ForEach(batch, Read);
            foreach (var i in batch)
            {
                if (!bytes.Add(files[i]))
                    files[i] = Full(listing.Files[i], files[i], bytes);
            }
        }

        void Read(int i)
        {
            var entry = listing.Files[i];
            var classified = classifier.Of(entry.Path);
            if (IsReadAgain(entry, classified, out var again))
            {
                files[i] = reader.ReadAgain(source, entry, classified, again);
                return;
            }

            var file = classified.Role == FileRole.None ? new(entry.Stamp, FileRole.None, [], []) : reader.Read(source, entry, classified);
            // Half a file is not kept: what it was until now stays until it can be read whole.
            files[i] = file.IsChanging && _known.TryGetValue(entry.Path, out var before) ? before with { Stamp = default } : file;
        }

        FilesRead = pending.Count(i => files[i].Role != FileRole.None && !IsSame(listing.Files[i].Path, files[i]));
    }

    // Nothing but a time stamp that is too young to be believed asks for it.
    private bool IsReadAgain(FileEntry entry, Classified classified, out ParsedFile known) =>
        _known.TryGetValue(entry.Path, out known!) && known.Fresh is not null && known.Stamp == entry.Stamp && !IsRefusedForRoom(known) && known.IsStill(classified);

    // Read again, and found to say what it said.
    private bool IsSame(string path, ParsedFile file) => _known.TryGetValue(path, out var before) && before.Fresh is not null && before.Stamp == file.Stamp
        && ReferenceEquals(before.Resources, file.Resources) && ReferenceEquals(before.Diagnostics, file.Diagnostics);

    private ParsedFile Full(FileEntry entry, ParsedFile file, CatalogBytes bytes) =>
        new(entry.Stamp, file.Role, [], [new(source.Name, entry.Path, null, file.Resources[0].Resource.Kind, DiagnosticState.Rejected, CatalogFull,
            $"With it the resources would be larger than the {bytes.Max} bytes that are kept.", "Raise Catalog:MaxTotalBytes or choose narrower roots.")]);

    // What could not be read is tried at every scan; that it still cannot is no change.
    private bool IsChange(string path, ParsedFile file, Classifier classifier) => !IsSame(path, file) && (
        !_known.TryGetValue(path, out var before) || before.Resources.Count + file.Resources.Count > 0 || before.Role != file.Role || !before.Diagnostics.SequenceEqual(file.Diagnostics)
        // A skill tells its bundled files with their sizes.
        || classifier.MayBeBundled(path));

    // There may be room by now.
    private static bool IsRefusedForRoom(ParsedFile file) => file.Diagnostics is [{ Code: CatalogFull }];

    /// <summary>Whether files came, went or changed that decide what others are.</summary>
    private static bool IsRestructured(TreeListing before, TreeListing now) =>
        !before.Files.Where(Classifier.IsStructural).SequenceEqual(now.Files.Where(Classifier.IsStructural));
}

/// <summary>Counts the bytes of all resources against <c>Catalog:MaxTotalBytes</c>, in the order of the files.</summary>
internal sealed class CatalogBytes(long max)
{
    private long _bytes;

    public long Max => max;

    /// <summary>False when there is no room for the file's resources.</summary>
    public bool Add(ParsedFile file) => file.Resources.Count == 0 || Take(SizeOf(file));

    /// <summary>False when there is no room for all of them; none is counted then.</summary>
    public bool AddAll(IReadOnlyList<ParsedFile> files) => Take(files.Sum(SizeOf));

    private bool Take(long bytes)
    {
        if (_bytes + bytes > max)
            return false;
        _bytes += bytes;
        return true;
    }

    private static long SizeOf(ParsedFile file)
    {
        var bytes = 0L;
        for (var i = 0; i < file.Resources.Count; i++)
            bytes += file.Resources[i].Content.Utf8.Length;
        return bytes;
    }
}
