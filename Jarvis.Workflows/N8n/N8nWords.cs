using System.Text;
using System.Text.Json;

namespace Jarvis.Workflows.N8n;

/// <summary>
/// The reasons that an answer gives, as one line for people: those of n8n (<c>message</c>, <c>hint</c>) and those of workflows that answer themselves, in the forms that
/// APIs use (<c>error</c>, <c>detail</c>, <c>errors</c> as a list or by field …).
/// </summary>
internal static class N8nWords
{
    private const int MaxLength = 500;

    // Of what is looked through for it.
    private const int MaxSource = 8_192;

    private static readonly string[] Members = ["message", "hint", "error", "error_description", "detail", "details", "description", "reason", "reasons", "errors", "title"];

    /// <summary>At most 500 characters, without control characters and secrets; empty when nothing was said.</summary>
    public static string Of(JsonElement? json, string body)
    {
        var words = json is { } answer ? Reasons(answer) is { Length: > 0 } reasons ? reasons : Whole(answer) : body;
        return Cut(SecretText.Mask(OneLine(words.Length <= MaxSource ? words : words[..MaxSource])));
    }

    /// <summary>Blanks and control characters between words become one blank.</summary>
    internal static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (!char.IsWhiteSpace(character) && !char.IsControl(character))
                line.Append(character);
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
        }
        return line.ToString().TrimEnd();
    }

    /// <summary>Cuts between characters: Postgres takes no half of one.</summary>
    internal static string Cut(string text, int max = MaxLength) =>
        text.Length <= max ? text : $"{text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)]}…";

    private static string Reasons(JsonElement answer)
    {
        if (answer.ValueKind == JsonValueKind.Array)
            return Listed(answer.EnumerateArray().Select(Reason));
        if (answer.ValueKind != JsonValueKind.Object)
            return Reason(answer);
        var reasons = Members.Select(name => answer.TryGetProperty(name, out var value) ? Reason(value) : "");
        return string.Join(' ', reasons.Where(reason => reason.Length > 0).Distinct(StringComparer.Ordinal));
    }

    private static string Reason(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Text(value),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Array => Listed(value.EnumerateArray().Take(20).Select(Reason)),
        JsonValueKind.Object => Reasons(value) is { Length: > 0 } reasons ? reasons
            : Listed(value.EnumerateObject().Take(20).Select(member => Reason(member.Value) is { Length: > 0 } reason ? $"{member.Name}: {reason}" : "")),
        _ => "",
    };

    // None of the usual members: the workflow's own form, which is better than nothing.
    private static string Whole(JsonElement answer) => answer.ValueKind is JsonValueKind.Object or JsonValueKind.Array && answer.GetRawText() is not ("{}" or "[]") and var text ? text : "";

    private static string Listed(IEnumerable<string> reasons) => string.Join("; ", reasons.Where(reason => reason.Length > 0));

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Escaped halves of a character: no text.
            return "";
        }
    }
}
