using System.Text.Json;
using System.Text.Json.Serialization;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.N8n;

/// <summary>What there is to say about an answer besides its body.</summary>
internal sealed record AnswerNotes(
    int HttpStatus, string Format, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Started,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note);

/// <summary>What an answer of n8n means for the task, following how n8n 2.41 was seen to behave.</summary>
public static class N8nVerdict
{
    internal const string NotKnown = "Whether the workflow ran is not known: look at n8n's executions before triggering it again.";

    public static TaskOutcome Of(N8nCall call, N8nReply reply)
    {
        if (reply.Delivery == Delivery.NotSent)
            return TaskOutcome.Failed(ErrorCode.Integration, $"n8n cannot be reached: {reply.Reason}. Nothing was sent. Check that n8n runs at N8n:BaseUrl, then trigger the workflow again.");
        if (reply.Delivery == Delivery.Lost)
            return TaskOutcome.Unknown(ErrorCode.Integration, $"The request left for n8n and {reply.Reason}. {NotKnown}");
        if (reply.SaysStarting)
            return TaskOutcome.Failed(ErrorCode.Integration, "n8n is still starting. Nothing was run: trigger the workflow again in a moment.");

        using var document = Parse(reply);
        var json = document?.RootElement;
        var outcome = reply.Status is not (>= 200 and <= 299) ? Refused(call, reply, json)
            : ReportedError.Of(json) is { } reported ? TaskOutcome.Failed(ErrorCode.Integration, $"n8n answered {reply.Status}, and the answer reports an error{reported}")
            : new TaskOutcome(TaskState.Succeeded);
        return outcome with
        {
            Result = Result(reply, json),
            Answer = Answer(reply, json),
            ResultTruncated = reply.Truncated,
            ExecutionId = ExecutionId(reply, json),
        };
    }

    public static TaskOutcome TimedOut(int seconds) =>
        TaskOutcome.Unknown(ErrorCode.IntegrationTimeout, $"n8n did not answer within {seconds} s. {NotKnown} Let a workflow that takes longer respond immediately, or raise N8n:TimeoutSeconds.");

    private static TaskOutcome Refused(N8nCall call, N8nReply reply, JsonElement? json)
    {
        var error = $"{N8nRefusal.Of(call, reply, json)}{Said(reply, json)}";
        // Of a proxy in front: it may have passed the request on before it gave up.
        return reply.Status is 502 or 504 ? TaskOutcome.Unknown(ErrorCode.Integration, error) : TaskOutcome.Failed(ErrorCode.Integration, error);
    }

    private static string Said(N8nReply reply, JsonElement? json) => N8nWords.Of(json, IsPage(reply) ? "" : reply.Body) is { Length: > 0 } words ? $" n8n says: {words}" : "";

    // JSON goes on as it came: members that occur twice, large numbers and lone surrogates are the workflow's own business.
    private static string? Result(N8nReply reply, JsonElement? json) =>
        json is not null ? reply.Body : reply.Body.Length == 0 ? null : JsonSerializer.Serialize(reply.Body, JsonRules.Options);

    private static string Answer(N8nReply reply, JsonElement? json)
    {
        var format = json is not null ? "json" : reply.Body.Length == 0 ? "empty" : IsPage(reply) ? "html" : "text";
        // All that n8n, or with 202 the workflow, says when it answers at once; how it ends is not in the answer.
        bool? started = reply.Status == 202 || Text(json, "message") == "Workflow was started" ? true : null;
        return JsonSerializer.Serialize(new AnswerNotes(reply.Status, format, started, Note(reply, format)), JsonRules.Options);
    }

    private static string? Note(N8nReply reply, string format) => format switch
    {
        "html" => "The answer is a web page, which few workflows return: is N8n:BaseUrl the address of n8n itself?",
        "text" when reply.Truncated => "The answer was cut off; what is kept of it is text.",
        "text" when reply.ContentType is "application/json" => "The answer says that it is JSON, and is not.",
        _ => null,
    };

    private static JsonDocument? Parse(N8nReply reply)
    {
        if (reply.Truncated || reply.Body.Length == 0)
            return null;
        try
        {
            return JsonDocument.Parse(reply.Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The type alone says nothing: n8n sends any plain text as text/html.
    internal static bool IsPage(N8nReply reply) => reply.ContentType == "text/html" && reply.Body.AsSpan().TrimStart() is ['<', ..];

    private static string? ExecutionId(N8nReply reply, JsonElement? json) =>
        reply.ExecutionIdHeader ?? Text(json, "executionId") ?? Text(json, "execution_id");

    /// <summary>A text or a number of at most 2,000 characters.</summary>
    internal static string? Text(JsonElement? json, string name)
    {
        if (json is not { ValueKind: JsonValueKind.Object } answer)
            return null;
        try
        {
            return answer.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number
                && value.ToString() is { Length: <= 2_000 } text ? text.Replace('\0', ' ') : null;
        }
        catch (InvalidOperationException)
        {
            // Escaped halves of a character, in the value or in any member's name: no text.
            return null;
        }
    }
}
