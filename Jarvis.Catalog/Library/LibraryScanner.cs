using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Plugins;
using Jarvis.Catalog.Search;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Library;

/// <summary>Scans every source and makes the next snapshot when something differs. For one caller at a time.</summary>
public sealed class LibraryScanner
{
    private readonly SnapshotBuilder _builder;
    private readonly List<SourceScan> _scans;
    private readonly List<IExtraSource> _extras;
    private readonly TermTable _terms = new();
    private readonly long _maxBytes;
    private List<ScannedSource> _last = [];

    // Sources take note of what they saw at once; a snapshot that then could not be made must still come.
    private bool _owed;

    public LibraryScanner(IOptions<LibraryOptions> options, TimeProvider time, IEnumerable<IExtraSource>? extras = null)
    {
        var walker = new TreeWalker(options.Value, new(options));
        var reader = new FileReader(options.Value, _terms);
        var manifests = new ManifestCache();
        _maxBytes = options.Value.MaxTotalBytes;
        _builder = new(_terms);
        var folders = LibrarySource.Of(options.Value);
        _scans = [.. folders.Select(source => new SourceScan(source, walker, reader, manifests, time))];
        _extras = [.. extras ?? []];
        Sources = [.. folders, .. _extras.Select(extra => extra.Source)];
    }

    public IReadOnlyList<LibrarySource> Sources { get; }

    /// <summary>Files read by the last scan, because they were new or had changed.</summary>
    public int FilesRead => _scans.Sum(scan => scan.FilesRead);

    /// <summary>Scans everything.</summary>
    public CatalogSnapshot Scan(CatalogSnapshot? current, Func<LibrarySource, bool> isWatched, CancellationToken cancellationToken) =>
        Scan(current, changes: null, isWatched, cancellationToken);

    /// <summary>A new snapshot, or <paramref name="current"/> with new times when nothing has changed.</summary>
    /// <param name="current">The last one; null before the first.</param>
    /// <param name="changes">Paths to look at by source, null for all of a source; a source that is not in it is as it was. Null scans everything.</param>
    /// <param name="isWatched">Whether events of a source reach us.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    public CatalogSnapshot Scan(
        CatalogSnapshot? current, IReadOnlyDictionary<LibrarySource, HashSet<string>?>? changes, Func<LibrarySource, bool> isWatched, CancellationToken cancellationToken)
    {
        var bytes = new CatalogBytes(_maxBytes);
        var differ = current is null || _owed;
        _owed = true;
        var sources = new List<ScannedSource>(_scans.Count);
        for (var i = 0; i < _scans.Count; i++)
        {
            // A source that nothing is known about is looked at whole.
            var changed = changes is null || _last.Count == 0 ? null : changes.TryGetValue(Sources[i], out var paths) ? paths : [];
            var (scanned, differs) = _scans[i].Scan(changed, isWatched(Sources[i]), bytes, cancellationToken);
            sources.Add(scanned);
            differ |= differs;
        }

        foreach (var extra in _extras)
        {
            var scanned = extra.Scan(_terms);
            // An unchanged source comes with the same lists.
            differ |= _last.Count == 0 || !ReferenceEquals(_last[sources.Count].Listing, scanned.Listing);
            sources.Add(scanned);
        }

        _last = sources;
        var snapshot = differ ? _builder.Build(sources) : current! with
        {
            Sources = [.. current.Sources.Zip(sources, (report, scanned) => report with { ScannedAt = scanned.ScannedAt, ScanMs = scanned.ScanMs, Watching = scanned.Watching })],
        };
        _owed = false;
        return snapshot;
    }
}
