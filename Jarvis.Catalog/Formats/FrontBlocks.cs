namespace Jarvis.Catalog.Formats;

/// <summary>Puts other texts in the place of some fields of front matter; the rest of it stays as it was written.</summary>
public static class FrontBlocks
{
    /// <summary>Replaces fields.</summary>
    /// <param name="source">The text between the fences.</param>
    /// <param name="blocks">By key the value in JSON, which is YAML too.</param>
    /// <param name="all">All fields in JSON, for front matter in which a field has no lines of its own, such as a mapping on one line.</param>
    public static string Replace(string source, IReadOnlyList<KeyValuePair<string, string>> blocks, Func<string> all)
    {
        var open = blocks.ToDictionary(StringComparer.OrdinalIgnoreCase);
        var (kept, inBlock) = (new List<string>(), false);
        var lines = new LineCursor(source);
        while (lines.Next())
        {
            var name = LineReader.KeyOf(lines.Line);
            if (!name.IsEmpty && Block(name.ToString()) is { } key)
            {
                if (open.Remove(key, out var json))
                    kept.Add($"{key}: {json}");
                inBlock = true;
            }
            else if (!name.IsEmpty || !inBlock)
            {
                inBlock = false;
                kept.Add(lines.Line.ToString());
            }
        }

        return open.Count > 0 ? all() : string.Join('\n', kept);

        string? Block(string name) => blocks.FirstOrDefault(block => block.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Key;
    }
}
