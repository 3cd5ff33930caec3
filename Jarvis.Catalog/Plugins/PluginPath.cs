namespace Jarvis.Catalog.Plugins;

/// <summary>Paths in manifests: relative to the plugin's root, never out of it (Claude Code, "Plugins reference": path behavior rules).</summary>
public static class PluginPath
{
    private const string RootVariable = "${CLAUDE_PLUGIN_ROOT}/";

    /// <summary>The path without <c>./</c> and a slash at its end; null when it is absolute or leaves the root.</summary>
    public static string? Resolve(string given)
    {
        var path = given.Trim().Replace('\\', '/');
        if (path.StartsWith(RootVariable, StringComparison.Ordinal))
            path = path[RootVariable.Length..];
        if (path.StartsWith('/') || path.StartsWith('~') || path is [_, ':', ..] || path.Contains("://", StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal))
            return null;

        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count == 0)
                    return null;
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    public static string Join(string folder, string path) => folder.Length == 0 ? path : path.Length == 0 ? folder : $"{folder}/{path}";
}
