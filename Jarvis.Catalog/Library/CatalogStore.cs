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

    public void Replace(CatalogSnapshot snapshot) => _current = snapshot;
}
