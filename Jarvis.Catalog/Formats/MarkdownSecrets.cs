using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>A Markdown file as it may be served and searched.</summary>
/// <param name="Text">The file's text with its secrets masked.</param>
/// <param name="Matter">Its front matter and body with the same secrets masked; the source between the fences stays, for its lines are told.</param>
public sealed record ServedMarkdown(string Text, FrontMatter Matter);

/// <summary>
/// Masks the literal secrets of agents, commands and skills: what front matter gives to programs (servers, environments, hooks) as strictly as MCP servers,
/// its other fields where their names or their looks tell, and of the text what no author makes up. A field with a secret is served as JSON, which is YAML too.
/// </summary>
public static class MarkdownSecrets
{
    /// <summary>The file's text and front matter as both may be served; what was hidden is noted.</summary>
    public static ServedMarkdown Of(FileReading file, FrontMatter matter, ResourceKind kind)
    {
        var (served, count, line) = matter.State == FrontMatterState.Yaml ? OfYaml(file.Text, matter) : OfLoose(file.Text, matter);
        if (count == 0)
            return served;
        file.Note(kind, DiagnosticState.Ok, "literal_secret", $"What looks like a literal secret stands in it {(count == 1 ? "once" : $"{count} times")}; it is shown as {SecretMask.Shown}.",
            "Write ${NAME} in the file, keep the value in the environment, and renew it.", line ?? FirstDifference(file.Text, served.Text), DiagnosticSeverity.Warning);
        return served;
    }

    /// <summary>A file's text as it may be served.</summary>
    public static string Shown(string text)
    {
        var matter = FrontMatter.Read(text);
        return (matter.State == FrontMatterState.Yaml ? OfYaml(text, matter) : OfLoose(text, matter)).Served.Text;
    }

    private static (ServedMarkdown Served, int Count, int? Line) OfYaml(string text, FrontMatter matter)
    {
        var fields = new MaskedFields(matter);
        var (source, front) = (matter.Source, text[..^matter.Body.Length]);
        if (fields.Blocks.Count > 0)
        {
            var start = front.IndexOf(source, StringComparison.Ordinal);
            front = $"{front[..start]}{fields.Hide(FrontBlocks.Replace(source, fields.Blocks, fields.ToJson))}\n{front[(start + source.Length)..]}";
        }

        // A comment is in no field.
        var (shown, inFront) = LiteralSecrets.Mask(front, TextSort.Prose);
        var (body, inBody) = LiteralSecrets.Mask(fields.Hide(matter.Body), TextSort.Prose);
        return (new(shown + body, matter with { Values = fields.Values, Body = body }), fields.Count + inFront + inBody,
            fields.Blocks.Count > 0 ? matter.LineOf(fields.Blocks[0].Key) ?? matter.FirstLine : null);
    }

    // Nobody can say where a field ends: what is masked is what looks like a secret.
    private static (ServedMarkdown Served, int Count, int? Line) OfLoose(string text, FrontMatter matter)
    {
        var loose = LooseServers.Hide(text, text.Length - matter.Body.Length);
        var (shown, start) = loose is { } hidden ? (hidden.Text, hidden.Body) : (text, text.Length - matter.Body.Length);
        var (front, inFront) = LooseFields(shown[..start]);
        var (body, inBody) = LiteralSecrets.Mask(shown[start..], TextSort.Prose);
        var fields = new MaskedFields(matter);
        return (new(front + body, matter with { Values = fields.Values, Body = body }), inFront + inBody + fields.Count + (loose is null ? 0 : 1), loose?.Line);
    }

    private static (string Text, int Count) LooseFields(string front)
    {
        var (masked, count) = LiteralSecrets.Mask(front, TextSort.Code);
        var (shown, runs, mask) = (new System.Text.StringBuilder(masked.Length), false, new SecretMask());
        var lines = new LineCursor(masked);
        while (lines.Next())
        {
            var key = LineReader.KeyOf(lines.Line);
            if (!key.IsEmpty)
                runs = MaskedFields.IsRun(key.ToString());
            var line = lines.Line.ToString();
            shown.Append(runs ? mask.Whole(line, prose: false) : line).Append(masked, lines.Start + line.Length, lines.End - lines.Start - line.Length);
        }

        return (shown.ToString(), count + mask.Count);
    }

    private static int FirstDifference(string before, string after)
    {
        var at = before.AsSpan().CommonPrefixLength(after);
        return before.AsSpan(0, at).Count('\n') + 1;
    }
}
