using System.Text.Encodings.Web;
using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// MCP servers in front matter: names of configured ones, or definitions. A definition with a literal secret is served as JSON (which is YAML too) with
/// the secret masked; one that cannot be understood is not served at all.
/// </summary>
public static class InlineServers
{
    private const string Key = "mcpServers";
    private const int ShortestInBody = 8;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<string> Names(FrontMatter matter) => matter.Values.GetValueOrDefault(Key) switch
    {
        Dictionary<string, object?> map => [.. map.Keys],
        List<object?> list => [.. list.SelectMany(item => item is Dictionary<string, object?> map ? map.Keys : Enumerable.Repeat(item as string ?? "", 1)).Where(name => name.Length > 0)],
        string text when matter.State == FrontMatterState.Yaml || !text.Contains(':', StringComparison.Ordinal) => [.. matter.List(Key)],
        _ => [],
    };

    /// <summary>The file's text as it may be served.</summary>
    public static string Served(FileReading file, FrontMatter matter, ResourceKind kind)
    {
        if (matter.Source.Length == 0 || !matter.Source.Contains(Key, StringComparison.OrdinalIgnoreCase))
            return file.Text;

        var hidden = new List<string>();
        string? block = null;
        if (matter.State == FrontMatterState.Yaml)
        {
            var masked = Masked(Key, matter.Values.GetValueOrDefault(Key), "", hidden);
            if (hidden.Count == 0)
                return file.Text;
            block = JsonSerializer.Serialize(masked, Plain);
        }
        else if (!HasDefinitions(matter.Source))
        {
            return file.Text;
        }

        file.Note(kind, DiagnosticState.Ok, "literal_secret", hidden.Count > 0
            ? $"{Key} has {hidden.Count} literal value(s) that may be secret; they are shown as {SecretMask.Shown}."
            : $"{Key} defines servers in front matter that is not YAML; it is not shown, since it may hold secrets.",
            "Write ${NAME} in the file and keep the value in the environment.", matter.LineOf(Key), DiagnosticSeverity.Warning);
        return Replace(file.Text, matter, block ?? $"\"{SecretMask.Shown}\"", hidden);
    }

    /// <summary>A copy with every secret masked; what was masked is added to <paramref name="hidden"/>.</summary>
    private static object? Masked(string key, object? value, string parent, List<string> hidden)
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

    private static bool HasDefinitions(string source)
    {
        var block = source.AsSpan(source.IndexOf(Key, StringComparison.OrdinalIgnoreCase) + Key.Length);
        return block.TrimStart("\"' \t").TrimStart(':').IndexOfAny(':', '{') >= 0;
    }

    private static string Replace(string text, FrontMatter matter, string block, List<string> hidden)
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
        var start = text.IndexOf(matter.Source, StringComparison.Ordinal);
        var served = $"{text[..start]}{front}\n{text[(start + matter.Source.Length)..]}";
        return hidden.Where(secret => secret.Length >= ShortestInBody).Distinct(StringComparer.Ordinal).Aggregate(served, (current, secret) => current.Replace(secret, SecretMask.Shown, StringComparison.Ordinal));
    }
}
