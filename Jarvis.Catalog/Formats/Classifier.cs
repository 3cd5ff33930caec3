using Jarvis.Catalog.Library;
using Jarvis.Catalog.Plugins;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>What a file's path alone says about it.</summary>
public enum FileRole
{
    /// <summary>Not read.</summary>
    None,
    Agent,
    Command,
    Skill,
    McpConfig,

    /// <summary>A JSON file that may be a workflow.</summary>
    Json,

    /// <summary>A Markdown file outside of the known folders: its front matter decides.</summary>
    Markdown,

    /// <summary>Left out with a note: documentation, a template or a test fixture.</summary>
    LeftOut,
    PluginManifest,
    Marketplace,
}

/// <summary>A role, the folders between the <c>agents</c> or <c>commands</c> folder and the file, and why a file is left out.</summary>
/// <param name="NeedsFrontMatter">The folder alone is not enough: a documentation tree, or a root that only has the name.</param>
public sealed record Classified(FileRole Role, string[] SubFolders, string? LeftOutCode = null, ResourceKind? Kind = null, bool NeedsFrontMatter = false)
{
    /// <summary>The plugin's manifest names other paths for its kind.</summary>
    public bool Undeclared { get; init; }

    /// <summary>It lies at a plugin's top, whose name a skill need not have.</summary>
    public bool IsPluginRoot { get; init; }

    /// <summary>Whether a file of which <paramref name="other"/> is said would be read the same way.</summary>
    public bool SaysAs(Classified other) => other with { SubFolders = SubFolders } == this && SubFolders.AsSpan().SequenceEqual(other.SubFolders);
}

/// <summary>Says by path what each file of a root is. The rules stand in this project's README.md.</summary>
public sealed class Classifier
{
    private static readonly HashSet<string> Markers = new(["agents", "commands", "skills"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> TestFolders = new(["test", "tests", "__tests__", "fixtures", "testdata", "test-data"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> DocumentationFolders = new(["docs", "doc", "documentation"], StringComparer.OrdinalIgnoreCase);
    private static readonly string[] DocumentationNames =
        ["readme", "changelog", "license", "licence", "contributing", "code_of_conduct", "security", "notice", "authors", "agents", "claude", "gemini"];
    private static readonly HashSet<string> JsonOfTools = new(
        ["package.json", "package-lock.json", "composer.json", "tsconfig.json", "jsconfig.json", "settings.json", "settings.local.json"], StringComparer.OrdinalIgnoreCase);

    private readonly string _rootName;
    private readonly PluginTree _plugins;
    private readonly HashSet<string> _skillFolders = new(StringComparer.Ordinal);

    /// <summary>Learns what the folders and the plugins' manifests say.</summary>
    /// <param name="source">The root.</param>
    /// <param name="listing">Its files.</param>
    /// <param name="manifests">Keeps the plugins' manifests from scan to scan; without one they are read anew.</param>
    public Classifier(LibrarySource source, TreeListing listing, ManifestCache? manifests = null)
    {
        _rootName = source.FolderName;
        _plugins = (manifests ?? new()).Load(source, listing);
        foreach (var file in listing.Files)
        {
            if (IsSkillFile(FileName(file.Path)))
                _skillFolders.Add(Folder(file.Path));
        }

        // A plugin's own folder may hold a SKILL.md beside agents/ and commands/; those are not the skill's.
        _skillFolders.RemoveWhere(_plugins.IsRoot);
    }

    public static bool IsSkillFile(string name) => name.Equals("SKILL.md", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the file decides what other files are.</summary>
    public static bool IsStructural(FileEntry file) =>
        file.Path.EndsWith("SKILL.md", StringComparison.OrdinalIgnoreCase) || file.Path.EndsWith(".claude-plugin/plugin.json", StringComparison.Ordinal)
        || file.Path.EndsWith(".claude-plugin/marketplace.json", StringComparison.Ordinal);

    public static string Folder(string path) => path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : "";

    public static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];

    public Classified Of(string path)
    {
        var name = FileName(path);
        var folders = Folder(path).Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return _plugins.ComponentOf(path) is (FileRole.McpConfig, _) ? new(FileRole.McpConfig, [], Kind: ResourceKind.McpServer) : OfJson(name, folders);
        if (!name.EndsWith(".md", StringComparison.OrdinalIgnoreCase))
            return new(FileRole.None, []);
        if (OfManifest(path, name) is { } named)
            return named;

        var marker = Array.FindLastIndex(folders, Markers.Contains);
        var above = marker < 0 ? folders : folders[..marker];
        var isTest = above.Any(TestFolders.Contains);
        if (IsSkillFile(name))
        {
            var known = (marker >= 0 && folders[marker].Equals("skills", StringComparison.OrdinalIgnoreCase)) || !_skillFolders.Contains(Folder(path));
            return isTest ? LeftOut("test_fixture", ResourceKind.Skill)
                : new(FileRole.Skill, [], Kind: ResourceKind.Skill, NeedsFrontMatter: !known) { IsPluginRoot = _plugins.IsRoot(Folder(path)) };
        }

        if (IsBundled(folders))
            return new(FileRole.None, []);
        if (marker >= 0 && !folders[marker].Equals("skills", StringComparison.OrdinalIgnoreCase))
        {
            var kind = folders[marker].Equals("agents", StringComparison.OrdinalIgnoreCase) ? ResourceKind.Agent : ResourceKind.Command;
            if (isTest)
                return LeftOut("test_fixture", kind);
            if (name[0] == '_' || name.Equals("template.md", StringComparison.OrdinalIgnoreCase))
                return LeftOut("template", kind);
            var needs = IsDocumentation(name) || above.Any(DocumentationFolders.Contains);
            return new(kind == ResourceKind.Agent ? FileRole.Agent : FileRole.Command, folders[(marker + 1)..], null, kind, needs)
            {
                Undeclared = _plugins.IsReplaced(string.Join('/', folders[..(marker + 1)])),
            };
        }

        if (isTest || folders.Any(DocumentationFolders.Contains) || folders is [".github", ..] || IsDocumentation(name))
            return new(FileRole.None, []);
        // A root that is itself called commands (or agents) is one, for files whose front matter agrees.
        return _rootName.Equals("commands", StringComparison.OrdinalIgnoreCase) ? new(FileRole.Command, folders, null, ResourceKind.Command, NeedsFrontMatter: true)
            : new(FileRole.Markdown, folders, NeedsFrontMatter: true);
    }

    // What a plugin's manifest names is what it says, whatever its folder is called.
    private Classified? OfManifest(string path, string name) => _plugins.ComponentOf(path) switch
    {
        (FileRole.Skill, _) when IsSkillFile(name) => new(FileRole.Skill, [], Kind: ResourceKind.Skill) { IsPluginRoot = _plugins.IsRoot(Folder(path)) },
        (FileRole.Command, var between) when !IsSkillFile(name) => new(FileRole.Command, between, null, ResourceKind.Command, IsDocumentation(name)),
        (FileRole.Agent, var between) when !IsSkillFile(name) => new(FileRole.Agent, between, null, ResourceKind.Agent, IsDocumentation(name)),
        _ => null,
    };

    private static Classified OfJson(string name, string[] folders) => (name.ToLowerInvariant(), folders) switch
    {
        ("plugin.json", [.., ".claude-plugin"]) => new(FileRole.PluginManifest, []),
        ("marketplace.json", [.., ".claude-plugin"]) => new(FileRole.Marketplace, []),
        (".mcp.json" or "mcp.json" or "mcp_config.json" or ".claude.json" or "claude_desktop_config.json", _) =>
            folders.Any(TestFolders.Contains) ? LeftOut("test_fixture", ResourceKind.McpServer) : new(FileRole.McpConfig, [], Kind: ResourceKind.McpServer),
        var (file, _) when JsonOfTools.Contains(file) || folders.Any(TestFolders.Contains) => new(FileRole.None, []),
        _ => new(FileRole.Json, folders),
    };

    private static Classified LeftOut(string code, ResourceKind kind) => new(FileRole.LeftOut, [], code, kind);

    /// <summary>Whether a skill may tell the file as one of its own.</summary>
    public bool MayBeBundled(string path) => _skillFolders.Contains("") || IsBundled(Folder(path).Split('/'))
        // What a skill at a plugin's top may have beside it.
        || path.Contains("scripts/", StringComparison.Ordinal) || path.Contains("references/", StringComparison.Ordinal) || path.Contains("assets/", StringComparison.Ordinal);

    /// <summary>Whether the file lies in a skill's folder: such files belong to the skill.</summary>
    private bool IsBundled(string[] folders)
    {
        for (var depth = folders.Length; depth > 0; depth--)
        {
            if (_skillFolders.Contains(string.Join('/', folders[..depth])))
                return true;
        }

        return false;
    }

    // README.md, README-ja.md, README.de.md
    private static bool IsDocumentation(string name)
    {
        var stem = Path.GetFileNameWithoutExtension(name);
        return DocumentationNames.Any(known => stem.StartsWith(known, StringComparison.OrdinalIgnoreCase)
            && (stem.Length == known.Length || (known == "readme" && stem[known.Length] is '-' or '.' or '_')));
    }
}
