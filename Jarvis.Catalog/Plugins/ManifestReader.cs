using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;

namespace Jarvis.Catalog.Plugins;

/// <summary>Reads <c>plugin.json</c> and <c>marketplace.json</c> as Claude Code's plugins reference describes them. What is wrong is collected, the rest is taken.</summary>
public sealed class ManifestReader
{
    private const int MaxPlugins = 5_000;
    private const int MaxComponents = 1_000;
    private readonly List<ManifestProblem> _problems = [];

    public IReadOnlyList<ManifestProblem> Problems => _problems;

    /// <summary>Null when it has no name.</summary>
    public PluginManifest? Plugin(JsonElement json)
    {
        if (json.Text("name") is not { } name)
        {
            Problem(DiagnosticState.Degraded, "plugin_name_missing", "The plugin manifest has no name.", "Add \"name\" to it.");
            return null;
        }

        if (name.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')))
            Problem(DiagnosticState.Ok, "plugin_name_characters", $"The plugin's name '{MatterFields.Clip(name)}' is not in kebab-case.", "Use a-z, 0-9 and hyphens: it stands before every component's name.");
        return Read(json, name);
    }

    public Marketplace Marketplace(JsonElement json)
    {
        var pluginRoot = json.Member("metadata")?.Text("pluginRoot") is { } root ? PluginPath.Resolve(root) ?? "" : "";
        var plugins = new List<MarketplacePlugin>();
        foreach (var entry in json.Items("plugins").Take(MaxPlugins))
        {
            if (entry.Text("name") is not { } name)
            {
                Problem(DiagnosticState.Degraded, "plugin_name_missing", $"Entry {plugins.Count + 1} of the marketplace has no name; it was left out.", "Add \"name\" to it.");
                continue;
            }

            plugins.Add(new(Read(entry, name), Folder(entry, name, pluginRoot), entry.Text("category"), entry.Member("strict") is not { ValueKind: JsonValueKind.False }));
        }

        foreach (var name in plugins.CountBy(plugin => plugin.Manifest.Name, StringComparer.Ordinal).Where(pair => pair.Value > 1).Select(pair => pair.Key))
            Problem(DiagnosticState.Ok, "plugin_duplicate", $"The marketplace has several plugins named '{MatterFields.Clip(name)}'.", "Rename all but one.");
        return new(Shown(json.Text("name")), Shown(Author(json, "owner")), plugins);
    }

    private string? Folder(JsonElement entry, string plugin, string pluginRoot)
    {
        if (entry.Text("source") is not { } source)
            return null;
        if (PluginPath.Resolve(source) is not { } folder)
        {
            Outside(plugin, "source", source);
            return null;
        }

        // Only a bare name is looked for below pluginRoot; ./x counts from the marketplace's root.
        return source.StartsWith('.') ? folder : PluginPath.Join(pluginRoot, folder);
    }

    private PluginManifest Read(JsonElement json, string name) => new(name, Shown(json.Text("version") ?? Number(json, "version")))
    {
        Description = Shown(json.Text("description")),
        Author = Shown(Author(json, "author")),
        License = Shown(json.Text("license")),
        Homepage = Address(json.Text("homepage")),
        // package.json's way of saying it.
        Repository = Address(json.Text("repository") ?? json.Member("repository")?.Text("url")),
        Keywords = [.. json.Items("keywords").Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
        Components = [.. Components(json, name, "commands", FileRole.Command).Concat(Components(json, name, "agents", FileRole.Agent))
            .Concat(Components(json, name, "skills", FileRole.Skill)).Concat(Components(json, name, "mcpServers", FileRole.McpConfig)).Take(MaxComponents)],
    };

    private IEnumerable<PluginComponent> Components(JsonElement json, string plugin, string key, FileRole role)
    {
        if (json.Member(key) is not { ValueKind: not JsonValueKind.Null } given)
            yield break;
        // Commands may also be a mapping of names to {source}; a mapping of servers is read with the file.
        IEnumerable<JsonElement> items = given.ValueKind switch
        {
            JsonValueKind.Array => given.EnumerateArray(),
            JsonValueKind.Object when role == FileRole.Command => given.EnumerateObject().Select(pair => pair.Value.Member("source")).OfType<JsonElement>(),
            JsonValueKind.Object when role == FileRole.McpConfig => [],
            _ => [given],
        };
        foreach (var item in items)
        {
            if (item.ValueKind == JsonValueKind.Object && role == FileRole.McpConfig)
                continue;
            if (item.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(item.GetString()))
                Problem(DiagnosticState.Degraded, "plugin_field_invalid", $"{key} of plugin '{MatterFields.Clip(plugin)}' is not a path or a list of paths.", "Write paths that begin with ./");
            else if (PluginPath.Resolve(item.GetString()!) is { } path)
                yield return new(role, path);
            else
                Outside(plugin, key, item.GetString()!);
        }
    }

    // A text or an object with a name.
    private static string? Author(JsonElement json, string key) => json.Text(key) ?? json.Member(key)?.Text("name");

    // Each of a plugin's resources tells these.
    private static string? Shown(string? text) => text is null ? null : LiteralSecrets.Mask(text, TextSort.Prose).Text;

    private static string? Address(string? url) => url is null ? null : new SecretMask().Url(url);

    private static string? Number(JsonElement json, string key) => json.Member(key) is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : null;

    private void Outside(string plugin, string key, string path) => Problem(DiagnosticState.Rejected, "plugin_path_outside",
        $"{key} of plugin '{MatterFields.Clip(plugin)}' is '{MatterFields.Clip(new SecretMask().Text(path))}', which leads out of its folder; it is not followed.", "Move the files into the folder and write a path that begins with ./");

    private void Problem(DiagnosticState state, string code, string reason, string fix) => _problems.Add(new(state, code, reason, fix));
}
