using System.Text;

namespace Jarvis.Catalog.Formats;

/// <summary>Reads front matter that YAML refuses (<c>description: Use when: x</c>, <c>tools: *</c>): a key at the line's start, its value up to the next key.</summary>
public static class LineReader
{
    private static readonly string[] KnownKeys = ["name", "description", "allowed-tools", "argument-hint", "tools", "model"];

    public static Dictionary<string, object?> Read(string text)
    {
        var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        string? key = null;
        var lines = new LineCursor(text);
        while (lines.Next())
        {
            var line = lines.Line.TrimEnd();
            if (KeyEnd(line) is var end and > 0)
            {
                key = line[..end].ToString();
                values[key] = Unquote(line[(end + 1)..].Trim());
            }
            else if (key is not null && line.TrimStart() is { Length: > 0 } more && more[0] != '#')
            {
                values[key] = more.StartsWith("- ") ? Item(values[key], Unquote(more[2..].Trim())) : Append(values[key], more);
            }
        }

        foreach (var (each, value) in values)
        {
            if (value is StringBuilder parts)
                values[each] = parts.ToString();
        }

        return values;
    }

    public static bool IsKey(ReadOnlySpan<char> line, string key) => key.Length > 0 && KeyOf(line).Equals(key, StringComparison.OrdinalIgnoreCase);

    /// <summary>The key that a line begins with; empty when it begins with none.</summary>
    public static ReadOnlySpan<char> KeyOf(ReadOnlySpan<char> line) => line[..KeyEnd(line)];

    public static bool IsKnownKey(ReadOnlySpan<char> line)
    {
        var end = KeyEnd(line);
        return end > 0 && KnownKeys.Contains(line[..end].ToString(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether a line can be a part of front matter: a key, an indented line, or a list item.</summary>
    public static bool MayBelong(ReadOnlySpan<char> line) => KeyEnd(line) > 0 || line.StartsWith("- ") || line is [' ' or '\t', ..];

    private static int KeyEnd(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(':');
        if (colon is <= 0 or > 64 || (colon + 1 < line.Length && line[colon + 1] is not (' ' or '\t')))
            return 0;
        foreach (var character in line[..colon])
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
                return 0;
        }

        return colon;
    }

    // Both grow in place: thousands of lines below one key cost what they hold and not its square.
    private static List<object?> Item(object? before, string item)
    {
        var list = before as List<object?> ?? [];
        list.Add(item);
        return list;
    }

    private static object Append(object? before, ReadOnlySpan<char> more) => before switch
    {
        List<object?> list => list,
        StringBuilder text => text.Append(' ').Append(more),
        string text when text.Length > 0 && text is not (">" or "|" or ">-" or "|-" or ">+" or "|+") => new StringBuilder(text).Append(' ').Append(more),
        _ => new StringBuilder().Append(more),
    };

    public static string Unquote(ReadOnlySpan<char> value) =>
        value.Length > 1 && value[0] is ('"' or '\'') && value[^1] == value[0] ? value[1..^1].ToString() : value.ToString();
}
