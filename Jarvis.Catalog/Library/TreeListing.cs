using System.Runtime.InteropServices;
using Jarvis.Catalog.Diagnostics;

namespace Jarvis.Catalog.Library;

/// <summary>A root's files, ordered by path, and what could not be walked.</summary>
public sealed record TreeListing(SourceState State, IReadOnlyList<FileEntry> Files, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>A file as the walk saw it.</summary>
/// <param name="Path">Relative to the root, with forward slashes.</param>
/// <param name="Stamp">Changes when the file does.</param>
public sealed record FileEntry(string Path, FileStamp Stamp);

/// <summary>What tells a changed file without reading it. The birth time differs when an editor puts a new file in the old one's place.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FileStamp(long Size, DateTimeOffset WrittenAt, DateTimeOffset BornAt)
{
    public static FileStamp Of(FileInfo file) => new(file.Length, Utc(file.LastWriteTimeUtc), Utc(file.CreationTimeUtc));

    private static DateTimeOffset Utc(DateTime time) => new(time, TimeSpan.Zero);
}
