using System.Text.Encodings.Web;
using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// MCP servers in front matter: names of configured ones, or definitions. A definition with a literal secret is served as JSON (which is YAML too) with
/// the secret masked; in a file whose front matter is no YAML none is served.
/// </summary>
public static class InlineServers
{
    private const string Key = LooseServers.Key;
    private const int ShortestInBody = 8;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<string> Names(FrontMatter matter) => matter.Values.GetValueOrDefault(Key) switch
    {
        Dictionary<string, object?> map => [.. map.Keys],
        // Of a list that was read line by line, the items may be the arguments of a definition.
        List<object?> when matter.State != FrontMatterState.Yaml && LooseServers.Hide(matter.Source, matter.Source.Length) is not null => [],
        List<object?> list => [.. list.SelectMany(item => item is Dictionary<string, object?> map ? map.Keys : Enumerable.Repeat(item as string ?? "", 1)).Where(name => name.Length > 0)],
        string text when matter.State == FrontMatterState.Yaml || !text.Contains(':', StringComparison.Ordinal) => [.. matter.List(Key)],
        _ => [],
    };

    /// <summary>The file's text and the body in it, as both may be served and searched.</summary>
    public static (string Text, string Body) Served(FileReading file, FrontMatter matter, ResourceKind kind)
    {
        if (matter.State != FrontMatterState.Yaml)
        {
            if (LooseServers.Hide(file.Text, file.Text.Length - matter.Body.Length) is not { } loose)
                return (file.Text, matter.Body);
            Note(file, kind, $"{Key} defines servers outside of front matter that is YAML; what may be secret of it is not shown.", loose.Line);
            return (loose.Text, loose.Text[loose.Body..]);
        }

        var hidden = new List<string>();
        if (!matter.Source.Contains(Key, StringComparison.OrdinalIgnoreCase))
            return (file.Text, matter.Body);
        var masked = Masked(Key, matter.Values.GetValueOrDefault(Key), "", hidden);
        if (hidden.Count == 0)
            return (file.Text, matter.Body);
        Note(file, kind, $"{Key} has {hidden.Count} literal value(s) that may be secret; they are shown as {SecretMask.Shown}.", matter.LineOf(Key));
        var (start, length) = (file.Text.IndexOf(matter.Source, StringComparison.Ordinal), matter.Source.Length);
        var front = $"{file.Text[..start]}{Front(matter, JsonSerializer.Serialize(masked, Plain))}\n{file.Text[(start + length)..^matter.Body.Length]}";
        var body = Without(hidden, matter.Body);
        return (Without(hidden, front) + body, body);
    }

    private static void Note(FileReading file, ResourceKind kind, string reason, int? line) =>
        file.Note(kind, DiagnosticState.Ok, "literal_secret", reason, "Write ${NAME} in the file and keep the value in the environment.", line, DiagnosticSeverity.Warning);

    /// <summary>A copy with every secret masked; what was masked is added to <paramref name="hidden"/>.</summary>
    internal static object? Masked(string key, object? value, string parent, List<string> hidden)
    {
        var mask = new SecretMask();
        switch (value)
        {
            case Dictionary<string, object?> map:
                return map.ToDictionary(pair => pair.Key, pair => Masked(pair.Key, pair.Value, key, hidden), StringComparer.Ordinal);
            case List<object?> list when list.TrueForAll(item => item is string):
                var arguments = ArgumentMask.Of([.. list.Cast<string>()], mask);
                if (mask.Count > 0)
                    hidden.AddRange(list.Cast<string>().Where((item, index) => item != arguments[index]));
                return arguments;
            case List<object?> list:
                return list.ConvertAll(item => Masked(key, item, parent, hidden));
            case string text:
                // An environment and headers hold secrets under any name; elsewhere the name or the look tells.
                var shown = parent is "env" or "headers" || (SecretWords.Speak(key) && !text.Contains("://", StringComparison.Ordinal)) ? mask.Value(key, text) : mask.Text(text);
                if (mask.Count > 0)
                    hidden.Add(text);
                return shown;
            default:
                return value;
        }
    }

    private static string Front(FrontMatter matter, string block)
    {
        var (kept, inBlock, found) = (new List<string>(), false, false);
        var lines = new LineCursor(matter.Source);
        while (lines.Next())
        {
            var name = LineReader.KeyOf(lines.Line);
            if (name.Equals(Key, StringComparison.OrdinalIgnoreCase))
            {
                if (!found)
                    kept.Add($"{Key}: {block}");
                (inBlock, found) = (true, true);
            }
            else if (name.Length > 0 || !inBlock)
            {
                inBlock = false;
                kept.Add(lines.Line.ToString());
            }
        }

        // The key is not where a line can be replaced, such as in a mapping on one line: nothing of the front matter is shown.
        var front = string.Join('\n', kept);
        if (!found || front.Replace($"{Key}: {block}", "", StringComparison.Ordinal).Contains(Key, StringComparison.OrdinalIgnoreCase))
            front = $"{Key}: {block}";
        return front;
    }

    private static string Without(List<string> hidden, string text) =>
        hidden.Where(secret => secret.Length >= ShortestInBody).Distinct(StringComparer.Ordinal).Aggregate(text, (current, secret) => current.Replace(secret, SecretMask.Shown, StringComparison.Ordinal));
}
