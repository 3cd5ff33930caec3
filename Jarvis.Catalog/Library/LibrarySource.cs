using System.Text.Json.Serialization;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Library;

public enum SourceState
{
    Ready,
    Scanning,
    Missing,
    Unreadable,
}

/// <summary>A root of the library.</summary>
/// <param name="Name">Unique; made from the folder's name.</param>
/// <param name="Configured">As the operator wrote it.</param>
/// <param name="Folder">Absolute.</param>
public sealed record LibrarySource(string Name, string Configured, string Folder)
{
    /// <summary>Agents made here, kept in Postgres: no folder has its name.</summary>
    public static LibrarySource MadeHere { get; } = new("jarvis", "made here", "");

    /// <summary>The folder's own name without a leading dot: a root that is itself a <c>commands</c> folder is read as one.</summary>
    public string FolderName { get; } = FolderNameOf(Folder);

    /// <summary>Whether this is a user's <c>.claude</c> folder.</summary>
    public bool IsClaudeHome { get; } = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Folder)) == ".claude";

    public static IReadOnlyList<LibrarySource> Of(LibraryOptions options)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var sources = new List<LibrarySource>();
        foreach (var configured in options.Roots.Where(root => !string.IsNullOrWhiteSpace(root)))
        {
            var folder = configured == "~" || configured.StartsWith("~/", StringComparison.Ordinal) ? home + configured[1..] : configured;
            folder = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
            if (sources.Exists(source => source.Folder == folder))
                continue;
            var name = Slug.Of(FolderNameOf(folder)) is { Length: > 0 } slug ? slug : "root";
            var taken = (name == MadeHere.Name ? 1 : 0) + sources.Count(source => source.Name == name || source.Name.StartsWith($"{name}-", StringComparison.Ordinal));
            sources.Add(new(name == MadeHere.Name || sources.Exists(source => source.Name == name) ? $"{name}-{taken + 1}" : name, configured, folder));
        }

        return sources;
    }

    private static string FolderNameOf(string folder) => System.IO.Path.GetFileName(folder).TrimStart('.');
}

/// <summary>A source as the last scan left it.</summary>
/// <param name="Path">As configured.</param>
/// <param name="Files">Files of any type below it.</param>
/// <param name="Diagnostics">How many there are for it.</param>
/// <param name="Watching">Whether file system events reach the catalog; without them a change is seen at the next scan.</param>
public sealed record SourceReport(
    string Name, string Path, SourceState State, int Files, SourceCounts Counts, int Diagnostics, DateTimeOffset? ScannedAt, double? ScanMs, bool Watching);

/// <summary>Resources by kind.</summary>
public sealed record SourceCounts(int Agents, int Commands, int Skills, int McpServers, int Workflows)
{
    [JsonIgnore]
    public int Total => Agents + Commands + Skills + McpServers + Workflows;

    public static SourceCounts Of(IEnumerable<Resource> resources)
    {
        var counts = new int[ResourceKinds.All.Count];
        foreach (var resource in resources)
            counts[(int)resource.Kind]++;
        return new(counts[0], counts[1], counts[2], counts[3], counts[4]);
    }
}
