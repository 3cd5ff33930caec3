using System.Runtime.InteropServices;
using Jarvis.Catalog.Diagnostics;

namespace Jarvis.Catalog.Library;

/// <summary>A file as the walk saw it.</summary>
/// <param name="Path">Relative to the root, with forward slashes.</param>
/// <param name="Stamp">Changes when the file does.</param>
public sealed record FileEntry(string Path, FileStamp Stamp);

/// <summary>What tells a changed file without reading it. The birth time differs when an editor puts a new file in the old one's place.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FileStamp(long Size, DateTimeOffset WrittenAt, DateTimeOffset BornAt);

/// <summary>A root's files, ordered by path, and what could not be walked.</summary>
public sealed record TreeListing(SourceState State, IReadOnlyList<FileEntry> Files, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>Lists a root. Links are never followed, so it cannot leave the root or run in circles; one unreadable folder costs only itself.</summary>
public sealed class TreeWalker(LibraryOptions options)
{
    private readonly HashSet<string> _ignored = new(options.Ignore, StringComparer.OrdinalIgnoreCase);

    public TreeListing Walk(LibrarySource source, CancellationToken cancellationToken)
    {
        var files = new List<FileEntry>();
        var diagnostics = new List<Diagnostic>();
        Diagnostic Note(string path, DiagnosticState state, string code, string reason, string fix) =>
            new(source.Name, path, null, null, state, code, reason, fix);

        if (!Directory.Exists(source.Folder))
        {
            return new(SourceState.Missing, [], [Note("", DiagnosticState.Rejected, "source_missing",
                "The folder does not exist.", "Create it, mount it, or take it out of Catalog:Roots. It is looked for at every scan.")]);
        }

        var pending = new Stack<(string Folder, string Path, int Depth)>([(source.Folder, "", 0)]);
        while (pending.TryPop(out var next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                foreach (var entry in new DirectoryInfo(next.Folder).EnumerateFileSystemInfos())
                {
                    var path = next.Path.Length == 0 ? entry.Name : $"{next.Path}/{entry.Name}";
                    if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
                    {
                        if (entry is DirectoryInfo || path.EndsWith(".md", StringComparison.OrdinalIgnoreCase))
                            diagnostics.Add(Note(path, DiagnosticState.Ok, "link_not_followed", "It is a symbolic link.", "Add the folder that it points to as a root, if it is not below one."));
                    }
                    else if (entry is not DirectoryInfo)
                    {
                        if (files.Count == options.MaxFiles)
                        {
                            diagnostics.Add(Note(path, DiagnosticState.Rejected, "too_many_files",
                                $"The root has more than {options.MaxFiles} files; from here on they are not read.", "Raise Catalog:MaxFiles or choose a narrower root."));
                            return Ordered(files, diagnostics);
                        }

                        files.Add(new(path, new(((FileInfo)entry).Length, Utc(entry.LastWriteTimeUtc), Utc(entry.CreationTimeUtc))));
                    }
                    else if (_ignored.Contains(entry.Name))
                    {
                        continue;
                    }
                    else if (next.Depth + 1 > options.MaxDepth)
                    {
                        diagnostics.Add(Note(path, DiagnosticState.Rejected, "too_deep", $"The folder lies deeper than {options.MaxDepth} levels.", "Raise Catalog:MaxDepth or move it up."));
                    }
                    else
                    {
                        pending.Push((entry.FullName, path, next.Depth + 1));
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException)
            {
                if (next.Depth == 0)
                {
                    return new(SourceState.Unreadable, [], [Note("", DiagnosticState.Rejected, "source_unreadable",
                        "The folder cannot be listed.", "Let the account that runs Jarvis read and enter it.")]);
                }

                // A folder that went while we walked is no fault: the next scan does not meet it.
                if (exception is not DirectoryNotFoundException)
                    diagnostics.Add(Note(next.Path, DiagnosticState.Rejected, "folder_unreadable", "The folder cannot be listed.", "Let the account that runs Jarvis read and enter it."));
            }
        }

        AddSettings(source, files);
        return Ordered(files, diagnostics);
    }

    // A user's MCP servers are in ~/.claude.json, beside ~/.claude.
    private static void AddSettings(LibrarySource source, List<FileEntry> files)
    {
        var settings = new FileInfo($"{source.Folder}.json");
        if (source.IsClaudeHome && settings.Exists && !settings.Attributes.HasFlag(FileAttributes.ReparsePoint))
            files.Add(new("../.claude.json", new(settings.Length, Utc(settings.LastWriteTimeUtc), Utc(settings.CreationTimeUtc))));
    }

    private static TreeListing Ordered(List<FileEntry> files, List<Diagnostic> diagnostics)
    {
        files.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
        return new(SourceState.Ready, files, diagnostics);
    }

    private static DateTimeOffset Utc(DateTime time) => new(time, TimeSpan.Zero);
}
