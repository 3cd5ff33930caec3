namespace Jarvis.Catalog.Formats;

/// <summary>
/// MCP servers in front matter: names of configured ones, or definitions. A definition with a literal secret is served as JSON (which is YAML too) with
/// the secret masked; in a file whose front matter is no YAML none is served.
/// </summary>
public static class InlineServers
{
    private const string Key = LooseServers.Key;

    public static IReadOnlyList<string> Names(FrontMatter matter) => matter.Values.GetValueOrDefault(Key) switch
    {
        Dictionary<string, object?> map => [.. map.Keys],
        // Of a list that was read line by line, the items may be the arguments of a definition.
        List<object?> when matter.State != FrontMatterState.Yaml && LooseServers.Hide(matter.Source, matter.Source.Length) is not null => [],
        List<object?> list => [.. list.SelectMany(item => item is Dictionary<string, object?> map ? map.Keys : Enumerable.Repeat(item as string ?? "", 1)).Where(name => name.Length > 0)],
        string text when matter.State == FrontMatterState.Yaml || !text.Contains(':', StringComparison.Ordinal) => [.. matter.List(Key)],
        _ => [],
    };

    /// <summary>A copy with every secret masked; what was masked is added to <paramref name="hidden"/>.</summary>
    internal static object? Masked(string key, object? value, string parent, List<string> hidden)
    {
        var mask = new SecretMask();
        switch (value)
        {
            case Dictionary<string, object?> map:
                return map.ToDictionary(pair => pair.Key, pair => Masked(pair.Key, pair.Value, key, hidden), StringComparer.Ordinal);
            case List<object?> list when list.TrueForAll(item => item is string):
                // NAME=value, as some write an environment.
                var arguments = IsEnvironment(key) ? list.ConvertAll(item => ArgumentMask.Of(["-e", (string)item!], mask)[1]) : ArgumentMask.Of([.. list.Cast<string>()], mask);
                if (mask.Count > 0)
                    hidden.AddRange(list.Cast<string>().Where((item, index) => item != arguments[index]));
                return arguments.ToList<object?>();
            case List<object?> list:
                return list.ConvertAll(item => Masked(key, item, parent, hidden));
            case string text:
                // An environment and headers hold secrets under any name; elsewhere the name or the look tells.
                var shown = IsProse(key) ? mask.Text(text, prose: true) : IsEnvironment(parent) || (SecretWords.Speak(key) && !text.Contains("://", StringComparison.Ordinal)) ? mask.Value(key, text) : mask.Text(text);
                if (mask.Count > 0)
                    hidden.Add(text);
                return shown;
            default:
                return value;
        }
    }

    private static bool IsEnvironment(string key) => key.ToUpperInvariant() is "ENV" or "ENVIRONMENT" or "HEADERS";

    private static bool IsProse(string key) => key is "description" or "prompt" or "statusMessage";
}
