using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Plugins;
using Jarvis.Catalog.Search;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Library;

/// <summary>Scans every source and makes the next snapshot when something differs. For one caller at a time.</summary>
public sealed class LibraryScanner
{
    // Below this the table of terms is not worth making anew.
    private const int MinTerms = 100_000;
    private readonly LibraryOptions _options;
    private readonly TimeProvider _time;
    private readonly TreeWalker _walker;
    private readonly ManifestCache _manifests = new();
    private readonly IReadOnlyList<LibrarySource> _folders;
    private readonly List<IExtraSource> _extras;
    private readonly int _minTerms;
    private TermTable _terms;
    private SnapshotBuilder _builder;
    private List<SourceScan> _scans;
    private List<ScannedSource> _last = [];
    private int _checkTermsAt;
    private bool _makeAnew;

    // Sources take note of what they saw at once; a snapshot that then could not be made must still come.
    private bool _owed;

    public LibraryScanner(IOptions<LibraryOptions> options, TimeProvider time, IEnumerable<IExtraSource>? extras = null)
        : this(options, time, extras, MinTerms)
    {
    }

    internal LibraryScanner(IOptions<LibraryOptions> options, TimeProvider time, IEnumerable<IExtraSource>? extras, int minTerms)
    {
        (_options, _time, _minTerms, _checkTermsAt) = (options.Value, time, minTerms, minTerms);
        _walker = new(options.Value, new(options));
        _folders = LibrarySource.Of(options.Value);
        _extras = [.. extras ?? []];
        (_terms, _builder, _scans) = Begin();
        Sources = [.. _folders, .. _extras.Select(extra => extra.Source)];
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
        // Reading everything is for a scan that looks at everything.
        if (_makeAnew && changes is null)
            (_makeAnew, _last, (_terms, _builder, _scans)) = (false, [], Begin());
        var bytes = new CatalogBytes(_options.MaxTotalBytes);
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
        CheckTerms(snapshot);
        return snapshot;
    }

    private (TermTable Terms, SnapshotBuilder Builder, List<SourceScan> Scans) Begin()
    {
        var terms = new TermTable();
        var reader = new FileReader(_options, terms, _time);
        return (terms, new(terms), [.. _folders.Select(source => new SourceScan(source, _walker, reader, _manifests, _time))]);
    }

    // Terms of files that are gone stay in the table: when they are the most of it, the next whole scan reads everything into a new one.
    private void CheckTerms(CatalogSnapshot snapshot)
    {
        var count = _terms.Count;
        if (_makeAnew || count < _checkTermsAt)
            return;
        var live = snapshot.Ranker.Index.LiveTerms();
        _makeAnew = live * 2 < count;
        // Looked at again when it has grown by half, or when the new table has twice of what lives.
        _checkTermsAt = Math.Max(_minTerms, _makeAnew ? live * 2 : count + (count / 2));
    }
}
