using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Library;

/// <summary>A source whose files are not in a folder. It follows the folders in the order of sources.</summary>
public interface IExtraSource
{
    LibrarySource Source { get; }

    /// <summary>Ends when it is known what there is, or that it cannot be known now. The first scan waits for it, for a while.</summary>
    Task FirstRead { get; }

    /// <summary>
    /// What there is now, without waiting; a file that did not change is the same object as the last time, and when nothing did the listing is too.
    /// Called by the scanning thread.
    /// </summary>
    ScannedSource Scan(TermTable terms);
}
