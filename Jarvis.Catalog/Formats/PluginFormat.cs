using System.Text.Json;
using Jarvis.Catalog.Plugins;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary><c>.claude-plugin/plugin.json</c> and <c>marketplace.json</c>: who a folder's resources belong to, and the servers that a manifest defines inline.</summary>
public static class PluginFormat
{
    public static ParsedFile Parse(FileReading file)
    {
        using var json = JsonText.Parse(file);
        if (json is null)
            return file.Done();

        var reader = new ManifestReader();
        if (file.Classified.Role == FileRole.Marketplace)
        {
            var marketplace = reader.Marketplace(json.RootElement);
            Note(file, reader);
            return file.Done() with { Offers = marketplace, Marketplace = Categories(marketplace) };
        }

        var manifest = reader.Plugin(json.RootElement);
        Note(file, reader);
        if (json.RootElement.Member("mcpServers") is { ValueKind: JsonValueKind.Object } servers && servers.EnumerateObject().Any())
            McpFormat.Parse(file);
        return file.Done() with { Plugin = manifest };
    }

    private static void Note(FileReading file, ManifestReader reader)
    {
        foreach (var problem in reader.Problems)
            file.Note(null, problem.State, problem.Code, problem.Reason, problem.Fix);
    }

    private static Dictionary<string, string> Categories(Marketplace marketplace)
    {
        var categories = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var plugin in marketplace.Plugins)
        {
            if (plugin.Category is { } category && Slug.Of(category) is { Length: > 0 } slug)
                categories[plugin.Manifest.Name] = slug;
        }

        return categories;
    }
}
