using System.Globalization;
using System.Text.Json;

namespace Jarvis.AppHost.Running;

/// <summary>One line that a part wrote, as far as an operator at the console needs it.</summary>
/// <param name="At">When the orchestrator took it in.</param>
/// <param name="Text">What it says, on one line.</param>
/// <param name="IsUrgent">A warning, an error, or what a program writes when it dies.</param>
readonly record struct PartLine(DateTimeOffset At, string Text, bool IsUrgent);

/// <summary>Reads the log lines of the parts: the services write one JSON object a line, other programs plain text.</summary>
static class LogLines
{
    const int LongestText = 600;

    public static PartLine Read(string content, bool isError)
    {
        var (at, text) = SplitTime(content);
        if (text.StartsWith('{') && TryReadJson(text, out var line, out var isUrgent))
            return new PartLine(at, Shorten(line), isUrgent);
        return new PartLine(at, Shorten(text), isError && text.Length > 0);
    }

    /// <summary>The orchestrator puts the time before each line.</summary>
    static (DateTimeOffset At, string Text) SplitTime(string content)
    {
        var space = content.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && DateTimeOffset.TryParse(content.AsSpan(0, space), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (at, content[(space + 1)..].TrimEnd())
            : (default, content.TrimEnd());
    }

    static bool TryReadJson(string text, out string line, out bool isUrgent)
    {
        line = "";
        isUrgent = false;
        try
        {
            using var json = JsonDocument.Parse(text);
            var record = json.RootElement;
            if (Member(record, "level") is not { } level || Member(record, "message") is not { } message)
                return false;
            isUrgent = level is "warning" or "error" or "critical";
            var exception = Member(record, "exception") is { } thrown ? $" {FirstLine(thrown)}" : "";
            var correlation = Member(record, "correlation_id") is { } id ? $" [{id}]" : "";
            line = $"{level}: {message}{exception}{correlation}";
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static string? Member(JsonElement record, string name) =>
        record.ValueKind is JsonValueKind.Object && record.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String ? member.GetString() : null;

    static string FirstLine(string text) => text.AsSpan().IndexOfAny('\r', '\n') is var end and >= 0 ? text[..end] : text;

    static string Shorten(string text) => text.Length <= LongestText ? text : $"{text.AsSpan(0, LongestText)}…";
}
