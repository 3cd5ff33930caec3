using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary><c>.claude-plugin/plugin.json</c> and <c>marketplace.json</c>: who a folder's resources belong to.</summary>
public static class PluginFormat
{
    public static ParsedFile Parse(FileReading file)
    {
        using var json = JsonText.Parse(file);
        if (json is null)
            return file.Done();
        return file.Classified.Role == FileRole.PluginManifest
            ? file.Done() with { Plugin = Manifest(file, json.RootElement) }
            : file.Done() with { Marketplace = Categories(json.RootElement) };
    }

    private static PluginManifest? Manifest(FileReading file, JsonElement json)
    {
        if (json.Text("name") is { } name)
            return new(name, json.Text("version"));
        file.Note(null, DiagnosticState.Degraded, "plugin_name_missing", "The plugin manifest has no name.", "Add \"name\" to it.");
        return null;
    }

    private static Dictionary<string, string> Categories(JsonElement json)
    {
        var categories = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var plugin in json.Items("plugins"))
        {
            if (plugin.Text("name") is { } name && plugin.Text("category") is { } category && Slug.Of(category) is { Length: > 0 } slug)
                categories[name] = slug;
        }

        return categories;
    }
}
