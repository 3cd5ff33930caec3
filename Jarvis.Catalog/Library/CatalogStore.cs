using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.Catalog.Library;

/// <summary>The one place where the current snapshot is. Readers take it once and keep it for the whole request.</summary>
public sealed class CatalogStore
{
    private volatile CatalogSnapshot? _current;

    /// <summary>Null until the first scan is done.</summary>
    public CatalogSnapshot? Current => _current;

    /// <summary>The current snapshot, for a request that needs one.</summary>
    /// <exception cref="FailureException">503: the first scan is running.</exception>
    public CatalogSnapshot Snapshot => _current ?? throw Failure.Unavailable("catalog", "The catalog reads its libraries for the first time. Try again shortly.").AsException();

    private readonly List<Action<CatalogSnapshot>> _readers = [];

    /// <summary>Calls <paramref name="reader"/> with each snapshot that takes the last one's place and differs from it, by the scanning thread: be quick.</summary>
    public void OnReplaced(Action<CatalogSnapshot> reader)
    {
        lock (_readers)
            _readers.Add(reader);
    }

    public void Replace(CatalogSnapshot snapshot)
    {
        var before = _current;
        _current = snapshot;
        if (before?.Version == snapshot.Version)
            return;
        lock (_readers)
            _readers.ForEach(reader => reader(snapshot));
    }
}
