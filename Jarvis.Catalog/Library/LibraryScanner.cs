using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Search;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Library;

/// <summary>Scans every source. Files whose stamp is as before are not read again. For one caller at a time.</summary>
public sealed class LibraryScanner
{
    private const string CatalogFull = "catalog_full";
    private readonly TreeWalker _walker;
    private readonly FileReader _reader;
    private readonly SnapshotBuilder _builder;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Dictionary<string, ParsedFile>> _known = new(StringComparer.Ordinal);
    private readonly long _maxBytes;
    private IReadOnlyList<ScannedSource> _last = [];
    private long _bytes;

    public LibraryScanner(IOptions<LibraryOptions> options, TimeProvider time)
    {
        var terms = new TermTable();
        _maxBytes = options.Value.MaxTotalBytes;
        _time = time;
        _walker = new(options.Value);
        _reader = new(options.Value, terms);
        _builder = new(terms);
        Sources = LibrarySource.Of(options.Value);
    }

    public IReadOnlyList<LibrarySource> Sources { get; }

    /// <summary>Files read by the last scan, because they were new or had changed.</summary>
    public int FilesRead { get; private set; }

    /// <summary>A new snapshot, or <paramref name="current"/> with new times when nothing has changed.</summary>
    public CatalogSnapshot Scan(CatalogSnapshot? current, Func<LibrarySource, bool> isWatched, CancellationToken cancellationToken)
    {
        FilesRead = 0;
        _bytes = 0;
        var changed = current is null;
        var sources = new List<ScannedSource>(Sources.Count);
        foreach (var source in Sources)
        {
            var (scanned, differs) = Scan(source, isWatched(source), cancellationToken);
            sources.Add(scanned);
            changed |= differs;
        }

        _last = sources;
        return changed ? _builder.Build(sources) : current! with
        {
            Sources = [.. current.Sources.Zip(sources, (report, scanned) => report with { ScannedAt = scanned.ScannedAt, ScanMs = scanned.ScanMs, Watching = scanned.Watching })],
        };
    }

    private (ScannedSource Scanned, bool Differs) Scan(LibrarySource source, bool watching, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var listing = _walker.Walk(source, cancellationToken);
        var classifier = new Classifier(source, listing);
        var known = _known.GetValueOrDefault(source.Name) ?? [];
        var next = new Dictionary<string, ParsedFile>(listing.Files.Count, StringComparer.Ordinal);
        var files = new List<ParsedFile>(listing.Files.Count);
        var differs = Last(source) is not { } last || last.Listing.State != listing.State
            || last.Listing.Files.Count != listing.Files.Count || !last.Listing.Diagnostics.SequenceEqual(listing.Diagnostics);
        foreach (var entry in listing.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var classified = classifier.Of(entry.Path);
            if (!known.TryGetValue(entry.Path, out var file) || file.Stamp != entry.Stamp || file.Role != classified.Role || IsRefusedForRoom(file))
            {
                var before = file;
                file = Read(source, entry, classified);
                // What could not be read is tried at every scan; that it still cannot is no change.
                differs |= before is null || before.Resources.Count + file.Resources.Count > 0 || !before.Diagnostics.SequenceEqual(file.Diagnostics);
            }

            _bytes += file.Resources.Sum(resource => (long)resource.Content.Utf8.Length);
            next[entry.Path] = file;
            files.Add(file);
        }

        _known[source.Name] = next;
        return (new(source, listing, files, _time.GetUtcNow(), Math.Round(_time.GetElapsedTime(started).TotalMilliseconds, 1), watching), differs);
    }

    private ParsedFile Read(LibrarySource source, FileEntry entry, Classified classified)
    {
        if (classified.Role == FileRole.None)
            return new(entry.Stamp, FileRole.None, [], []);
        if (_bytes + entry.Stamp.Size > _maxBytes)
        {
            return new(entry.Stamp, classified.Role, [], [new(source.Name, entry.Path, null, classified.Kind, DiagnosticState.Rejected, CatalogFull,
                $"With it the resources would be larger than the {_maxBytes} bytes that are kept.", "Raise Catalog:MaxTotalBytes or choose narrower roots.")]);
        }

        FilesRead++;
        return _reader.Read(source, entry, classified);
    }

    // There may be room by now.
    private static bool IsRefusedForRoom(ParsedFile file) => file.Diagnostics is [{ Code: CatalogFull }];

    private ScannedSource? Last(LibrarySource source) => _last.FirstOrDefault(scanned => scanned.Source == source);
}
