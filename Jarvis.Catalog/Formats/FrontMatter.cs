using YamlDotNet.Core;

namespace Jarvis.Catalog.Formats;

/// <summary>How the front matter was found.</summary>
public enum FrontMatterState
{
    /// <summary>The file has none.</summary>
    Absent,

    /// <summary>YAML as it should be.</summary>
    Yaml,

    /// <summary>Not YAML; its <c>key: value</c> lines were read one by one.</summary>
    Recovered,
}

/// <summary>The front matter of a Markdown file, and the body after it.</summary>
/// <param name="Values">Strings, lists and mappings by key.</param>
/// <param name="Body">The text after the front matter.</param>
/// <param name="State">How it was read.</param>
/// <param name="Problem">What is wrong with it; null when nothing is.</param>
/// <param name="ProblemLine">The line in the file, from 1.</param>
public sealed record FrontMatter(
    IReadOnlyDictionary<string, object?> Values, string Body, FrontMatterState State, string? Problem = null, int? ProblemLine = null)
{
    private const int MaxChars = 65_536;
    private static readonly Dictionary<string, object?> None = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The text between the fences.</summary>
    public string Source { get; init; } = "";

    /// <summary>Where <see cref="Source"/> begins in the file, from 1.</summary>
    public int FirstLine { get; init; } = 1;

    /// <summary>A text value; a list is joined by commas.</summary>
    public string? Text(string key) => Values.GetValueOrDefault(key) switch
    {
        string text when !string.IsNullOrWhiteSpace(text) => text.Trim(),
        List<object?> list when list.Count > 0 => string.Join(", ", list.OfType<string>()),
        _ => null,
    };

    /// <summary>A list, or a text of comma-separated items: <c>Read, Bash(git add:*, git push:*)</c> has two.</summary>
    public IReadOnlyList<string> List(string key) => Values.GetValueOrDefault(key) switch
    {
        List<object?> list => [.. list.OfType<string>().Where(item => item.Length > 0)],
        string text => SplitList(text),
        _ => [],
    };

    /// <summary>The line of the file that a key stands on; null when it does not begin a line.</summary>
    public int? LineOf(string key)
    {
        var lines = new LineCursor(Source);
        for (var number = FirstLine; lines.Next(); number++)
        {
            if (LineReader.IsKey(lines.Line, key))
                return number;
        }

        return null;
    }

    /// <summary>What stands after a key on its line, as it was written: <c>[file]</c> is a hint there and not a list.</summary>
    public string? Written(string key)
    {
        var lines = new LineCursor(Source);
        while (lines.Next())
        {
            if (LineReader.IsKey(lines.Line, key))
                return LineReader.Unquote(lines.Line[(key.Length + 1)..].Trim()) is { Length: > 0 } written ? written : null;
        }

        return null;
    }

    public static FrontMatter Read(string text)
    {
        if (!TryLocate(text, out var yaml, out var body, out var firstLine, out var fenceProblem))
            return new(None, text, FrontMatterState.Absent);
        return Read(yaml, body, firstLine, fenceProblem) with { Source = yaml, FirstLine = firstLine };
    }

    private static FrontMatter Read(string yaml, string body, int firstLine, string? fenceProblem)
    {
        try
        {
            if (fenceProblem is null && YamlTree.Parse(yaml) is Dictionary<string, object?> values)
                return new(values, body, FrontMatterState.Yaml);
            return new(LineReader.Read(yaml), body, FrontMatterState.Recovered, fenceProblem ?? "The front matter is not a mapping of keys.", firstLine);
        }
        catch (YamlException exception)
        {
            var line = firstLine + (int)Math.Max(0, exception.Start.Line - 1);
            return new(LineReader.Read(yaml), body, FrontMatterState.Recovered, "The front matter is not valid YAML.", line);
        }
    }

    private static bool TryLocate(string text, out string yaml, out string body, out int firstLine, out string? problem)
    {
        (yaml, body, firstLine, problem) = ("", text, 2, null);
        var lines = new LineCursor(text);
        if (!lines.Next())
            return false;
        var start = lines.End;
        if (lines.Line.TrimEnd() is not "---")
        {
            // Seen in the wild: the first fence is missing, the keys and the second one are there.
            if (!LineReader.IsKnownKey(lines.Line))
                return false;
            (start, firstLine, problem) = (0, 1, "The line --- that opens the front matter is missing.");
        }

        var end = start;
        while (end - start <= MaxChars && lines.Next())
        {
            if (lines.Line.TrimEnd() is "---" or "...")
            {
                (yaml, body) = (text[start..lines.Start], text[lines.End..]);
                return true;
            }

            if (problem is not null && lines.Line.StartsWith('#'))
                return false;
            end = lines.End;
        }

        if (problem is not null)
            return false;

        // Never closed: the keys end at the first line that cannot belong to them.
        lines = new LineCursor(text, start);
        end = start;
        while (end - start <= MaxChars && lines.Next() && LineReader.MayBelong(lines.Line))
            end = lines.End;
        (yaml, body, problem) = (text[start..end], text[end..], "The front matter is not closed by a line ---.");
        return end > start;
    }

    /// <summary>Splits at the commas outside of brackets; where there is none and blanks separate too, at those.</summary>
    public static IReadOnlyList<string> Split(string text, bool atBlanks) =>
        atBlanks && SplitList(text) is [_] ? SplitList(text, ' ') : SplitList(text);

    private static List<string> SplitList(string text, char separator = ',')
    {
        text = text.Trim();
        if (text is ['[', .., ']'])
            text = text[1..^1];
        var items = new List<string>();
        var (start, depth) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] is ('(' or '[' or '{'))
                depth++;
            else if (i < text.Length && text[i] is (')' or ']' or '}'))
                depth--;
            if (i < text.Length && (text[i] != separator || depth > 0))
                continue;
            if (text[start..i].Trim().Trim('"', '\'') is { Length: > 0 } item)
                items.Add(item);
            start = i + 1;
        }

        return items;
    }
}
