using Jarvis.Catalog.Diagnostics;

namespace Jarvis.Catalog.Library;

/// <summary>Lists a root. Links are never followed, so it cannot leave the root or run in circles; one unreadable folder costs only itself.</summary>
/// <param name="spelling">Makes what tells how paths are listed, for one refresh; tests have other file systems than the disk's.</param>
public sealed class TreeWalker(LibraryOptions options, LibraryPaths paths, Func<PathSpelling>? spelling = null)
{
    private const string TooManyFiles = "too_many_files";

    private LibraryOptions Options { get; } = options;

    private LibraryPaths Paths { get; } = paths;

    private readonly Func<PathSpelling> _spelling = spelling ?? PathSpelling.OfDisk;

    public TreeListing Walk(LibrarySource source, CancellationToken cancellationToken)
    {
        var walk = new Walking(this, source);
        if (!Directory.Exists(source.Folder))
        {
            return new(SourceState.Missing, [], [walk.Note("", DiagnosticState.Rejected, "source_missing",
                "The folder does not exist.", "Create it, mount it, or start without it (--library, Catalog:Roots). It is looked for at every scan.")]);
        }

        walk.Folder(new(source.Folder), "", 0, cancellationToken);
        if (walk.RootFailed)
        {
            return new(SourceState.Unreadable, [], [walk.Note("", DiagnosticState.Rejected, "source_unreadable",
                "The folder cannot be listed.", "Let the account that runs Jarvis read and enter it.")]);
        }

        AddSettings(source, walk.Files);
        walk.Files.Sort(ByPath);
        return new(SourceState.Ready, walk.Files, walk.Diagnostics);
    }

    /// <summary>The listing after changes at some paths: only they, and what lies below them, are looked at again.</summary>
    /// <param name="source">The root.</param>
    /// <param name="before">Its last listing.</param>
    /// <param name="changed">Relative paths of files or folders that came, went or changed.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    public TreeListing Refresh(LibrarySource source, TreeListing before, HashSet<string> changed, CancellationToken cancellationToken)
    {
        // The root itself came, went, or was too large before: that is a question for a whole walk.
        if (before.State != SourceState.Ready || before.Diagnostics.Any(diagnostic => diagnostic.Code == TooManyFiles) || !Directory.Exists(source.Folder))
            return Walk(source, cancellationToken);

        var walk = new Walking(this, source);
        // What is there is looked at as it is listed; under another spelling it is gone.
        var spelt = _spelling();
        var listed = changed.Select(path => spelt.Of(source.Folder, path)).ToHashSet(StringComparer.Ordinal);
        changed = [.. changed, .. listed];
        foreach (var path in listed.Where(path => !HasAncestor(path, listed)))
            walk.Path(path, cancellationToken);
        walk.Files.Sort(ByPath);
        var kept = before.Files.Where(file => !IsAtOrBelow(file.Path, changed));
        var files = Merge(kept, walk.Files, before.Files.Count);
        return files.Count > Options.MaxFiles
            ? Walk(source, cancellationToken)
            : new(SourceState.Ready, files, [.. before.Diagnostics.Where(diagnostic => !IsAtOrBelow(diagnostic.Path, changed)), .. walk.Diagnostics]);
    }

    private static int ByPath(FileEntry left, FileEntry right) => string.CompareOrdinal(left.Path, right.Path);

    private static bool IsAtOrBelow(string path, HashSet<string> changed) => changed.Contains(path) || HasAncestor(path, changed);

    private static bool HasAncestor(string path, HashSet<string> changed)
    {
        var set = changed.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            if (set.Contains(path.AsSpan(0, slash)))
                return true;
        }

        return false;
    }

    private static List<FileEntry> Merge(IEnumerable<FileEntry> kept, List<FileEntry> found, int capacity)
    {
        var merged = new List<FileEntry>(capacity + found.Count);
        var next = 0;
        foreach (var file in kept)
        {
            while (next < found.Count && ByPath(found[next], file) < 0)
                merged.Add(found[next++]);
            merged.Add(file);
        }

        merged.AddRange(found.Skip(next));
        return merged;
    }

    // A user's MCP servers are in ~/.claude.json, beside ~/.claude.
    private static void AddSettings(LibrarySource source, List<FileEntry> files)
    {
        var settings = new FileInfo($"{source.Folder}.json");
        if (source.IsClaudeHome && settings.Exists && !settings.Attributes.HasFlag(FileAttributes.ReparsePoint))
            files.Add(new("../.claude.json", FileStamp.Of(settings)));
    }

    /// <summary>One walk: what it has found so far.</summary>
    private sealed class Walking(TreeWalker walker, LibrarySource source)
    {
        private bool _full;

        public List<FileEntry> Files { get; } = [];

        public List<Diagnostic> Diagnostics { get; } = [];

        public bool RootFailed { get; private set; }

        public Diagnostic Note(string path, DiagnosticState state, string code, string reason, string fix) => new(source.Name, path, null, null, state, code, reason, fix);

        /// <summary>A path that may be a file, a folder, a link, or nothing any more.</summary>
        public void Path(string path, CancellationToken cancellationToken)
        {
            var full = System.IO.Path.Combine(source.Folder, path);
            try
            {
                // A folder above may have become a link that leads out of the root.
                var depth = path.Count(character => character == '/');
                if (depth > walker.Options.MaxDepth || IsBelowLink(path))
                    return;
                FileSystemInfo entry = Directory.Exists(full) ? new DirectoryInfo(full) : new FileInfo(full);
                if (entry.Exists || entry.LinkTarget is not null)
                    Entry(entry, path, depth, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException)
            {
                // It went meanwhile, or the next whole walk says what is the matter with it.
            }
        }

        public void Folder(DirectoryInfo folder, string path, int depth, CancellationToken cancellationToken)
        {
            try
            {
                foreach (var entry in folder.EnumerateFileSystemInfos())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Entry(entry, path.Length == 0 ? entry.Name : $"{path}/{entry.Name}", depth, cancellationToken);
                    if (_full)
                        return;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException)
            {
                RootFailed |= path.Length == 0;
                // A folder that went while we walked is no fault: the next scan does not meet it.
                if (exception is not DirectoryNotFoundException)
                    Diagnostics.Add(Note(path, DiagnosticState.Rejected, "folder_unreadable", "The folder cannot be listed.", "Let the account that runs Jarvis read and enter it."));
            }
        }

        private void Entry(FileSystemInfo entry, string path, int depth, CancellationToken cancellationToken)
        {
            // It cannot be looked at: all bits are set then. Either it went since it was listed, or its name cannot be said.
            if (entry.Attributes == (FileAttributes)(-1))
            {
                if (entry.Name.Contains('\uFFFD', StringComparison.Ordinal))
                    Diagnostics.Add(Note(path, DiagnosticState.Rejected, "name_not_unicode", "Its name is not valid UTF-8: it cannot be opened.", "Rename it."));
                return;
            }

            if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                if (entry is DirectoryInfo || path.EndsWith(".md", StringComparison.OrdinalIgnoreCase))
                    Diagnostics.Add(Note(path, DiagnosticState.Ok, "link_not_followed", "It is a symbolic link.", "Add the folder that it points to as a root, if it is not below one."));
            }
            else if (entry is FileInfo file)
            {
                if (Files.Count < walker.Options.MaxFiles)
                {
                    Files.Add(new(path, FileStamp.Of(file)));
                    return;
                }

                _full = true;
                Diagnostics.Add(Note(path, DiagnosticState.Rejected, TooManyFiles, $"The root has more than {walker.Options.MaxFiles} files; from here on they are not read.",
                    "Raise Catalog:MaxFiles or choose a narrower root."));
            }
            else if (!walker.Paths.IsIgnoredName(entry.Name))
            {
                if (depth + 1 > walker.Options.MaxDepth)
                    Diagnostics.Add(Note(path, DiagnosticState.Rejected, "too_deep", $"The folder lies deeper than {walker.Options.MaxDepth} levels.", "Raise Catalog:MaxDepth or move it up."));
                else
                    Folder((DirectoryInfo)entry, path, depth + 1, cancellationToken);
            }
        }

        private bool IsBelowLink(string path)
        {
            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                if (new DirectoryInfo(System.IO.Path.Combine(source.Folder, path[..slash])).LinkTarget is not null)
                    return true;
            }

            return false;
        }
    }

}
