using System.Text.Json;

namespace Jarvis.Workflows.N8n;

/// <summary>
/// The error that an answer reports in its JSON though its status is 200: n8n hands on <c>{"error": …}</c> as the item of a node that failed
/// and was told to go on, and with "last node" answers with that.
/// </summary>
internal static class ReportedError
{
    private const int MaxLength = 500;

    /// <summary>The end of a sentence: ": " and what the error is, or a full stop when it gives no reason; null when no error is reported.</summary>
    public static string? Of(JsonElement? json)
    {
        try
        {
            var reason = json switch
            {
                { ValueKind: JsonValueKind.Object } answer => OfObject(answer),
                { ValueKind: JsonValueKind.Array } items => OfItems(items),
                _ => null,
            };
            return reason is null ? null : reason.Length == 0 ? "." : $": {Cut(reason)}";
        }
        catch (InvalidOperationException)
        {
            // A member's name has an escaped half of a character: whatever that is, it is no error item of n8n's.
            return null;
        }
    }

    // Postgres takes no half of a character, and would never take the task's end.
    private static string Cut(string text) =>
        text.Length <= MaxLength ? text : $"{text[..(char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength)]}…";

    private static string? OfObject(JsonElement answer)
    {
        var success = answer.TryGetProperty("success", out var flag) ? flag.ValueKind : JsonValueKind.Undefined;
        if (success == JsonValueKind.True)
            return null;
        return Reason(answer) ?? (success == JsonValueKind.False ? N8nVerdict.Text(answer, "message") ?? "" : null);
    }

    /// <summary>In a list only items that are nothing but an error count: a list of log entries may well have a column of that name.</summary>
    private static string? OfItems(JsonElement items)
    {
        var reasons = items.EnumerateArray().Select(item => IsErrorItem(item) ? Reason(item) : null).OfType<string>().ToList();
        return reasons.Count == 0 ? null : $"{reasons.Count} of {items.GetArrayLength()} items failed, the first with: {reasons[0]}";
    }

    private static bool IsErrorItem(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.EnumerateObject().All(member => member.NameEquals("error") || member.NameEquals("details"));

    private static string? Reason(JsonElement item)
    {
        if (!item.TryGetProperty("error", out var error))
            return null;
        return error.ValueKind switch
        {
            JsonValueKind.String => error.ValueEquals("") ? null : N8nVerdict.Text(item, "error") ?? "",
            JsonValueKind.Object when error.EnumerateObject().Any() => N8nVerdict.Text(error, "message") ?? "",
            _ => null,
        };
    }
}
