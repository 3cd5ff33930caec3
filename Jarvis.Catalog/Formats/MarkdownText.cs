namespace Jarvis.Catalog.Formats;

/// <summary>Plain words out of Markdown.</summary>
public static class MarkdownText
{
    private const int MaxLength = 300;

    /// <summary>The first paragraph, else the first heading; at most 300 characters of it.</summary>
    public static string FirstSentence(string text)
    {
        var heading = "";
        var inFence = false;
        var lines = new LineCursor(text);
        while (lines.Next())
        {
            var line = lines.Line.Trim();
            if (line.StartsWith("```"))
                inFence = !inFence;
            else if (inFence || line.IsEmpty || line[0] is '<' or '|' or '-' or '>' or '!' or '*' && line.Length < 4)
                continue;
            else if (line[0] != '#')
                return Cut(line);
            else if (heading.Length == 0)
                heading = Cut(line.TrimStart('#').Trim());
        }

        return heading;
    }

    private static string Cut(ReadOnlySpan<char> line)
    {
        if (line.Length <= MaxLength)
            return line.ToString();
        var space = line[..(MaxLength - 1)].LastIndexOf(' ');
        var end = space > MaxLength / 2 ? space : MaxLength - 1;
        // Never through a surrogate pair: half of one cannot be sent.
        return $"{line[..(char.IsHighSurrogate(line[end - 1]) ? end - 1 : end)]}…";
    }
}
