using System.Text;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Semantic;

/// <summary>
/// The text of a resource that is embedded: name, description, tags and the beginning of what it says. Of JSON only chosen fields, never the
/// file: a workflow's parameters may hold what is nobody else's business.
/// </summary>
public static class EmbeddingText
{
    /// <summary>Part of every hash: another template makes other vectors.</summary>
    private const string Template = "jarvis-embedding-1\n";

    private const int MaxBytesOfChar = 4;

    public static string Of(CatalogEntry entry, EmbeddingOptions options)
    {
        var resource = entry.Resource;
        var text = new StringBuilder(options.DocumentPrefix).Append(resource.Name).Append(" (").Append(resource.Kind.Spoken()).Append(")\n").Append(resource.Description).Append('\n');
        if (resource.Tags.Count > 0)
            text.Append("Tags: ").AppendJoin(", ", resource.Tags).Append('\n');
        text.Append(Body(entry, options.MaxInputChars));
        return Cut(text.ToString(), options.MaxInputChars);
    }

    public static ContentHash Hash(string text) => ContentHash.Of(Template + text);

    private static string Body(CatalogEntry entry, int maxChars) => entry.Resource switch
    {
        Workflow workflow => string.Join(", ", workflow.NodeTypes),
        McpServer server => string.Join(' ', [server.Transport, server.Command ?? "", .. server.Args]),
        _ => Start(WithoutFrontMatter(entry.Content.Utf8), maxChars),
    };

    // Its fields are in the text already.
    private static ReadOnlySpan<byte> WithoutFrontMatter(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("---"u8))
            return text;
        var end = text[3..].IndexOf("\n---"u8);
        return end < 0 ? text : text[(end + 7)..].TrimStart("-\r\n \t"u8);
    }

    private static string Start(ReadOnlySpan<byte> utf8, int maxChars) =>
        Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, maxChars * MaxBytesOfChar)]);

    private static string Cut(string text, int maxChars)
    {
        if (text.Length <= maxChars)
            return text.TrimEnd();
        var end = char.IsHighSurrogate(text[maxChars - 1]) ? maxChars - 1 : maxChars;
        return text[..end].TrimEnd();
    }
}
