using System.Text.Json;

namespace Jarvis.Workflows.N8n;

/// <summary>What an answer that is no success means and what to do about it, following what n8n 2.41 was seen to say in each case (docs/n8n.md).</summary>
internal static class N8nRefusal
{
    private const string WrongAddress = "is N8n:BaseUrl the address of n8n itself?";

    public static string Of(N8nCall call, N8nReply reply, JsonElement? json) => reply.Status switch
    {
        >= 300 and <= 399 => $"n8n answered with a redirect ({reply.Status}): {WrongAddress}",
        401 or 403 => $"n8n refused the call ({reply.Status}): the webhook wants authentication, and N8n:WebhookKey is not set, or not what its credential holds.",
        404 => NotFound(call, reply),
        413 => "n8n, or what stands before it, takes no payload of this size (413). Send less, or raise its limit.",
        422 when json is not null && N8nVerdict.Text(json, "message") == "Failed to parse request body" =>
            "n8n could not read the payload (422), and nothing was run. Send JSON that n8n can parse.",
        429 or 503 => $"n8n is too busy ({reply.Status}) and stayed so. Nothing was run: trigger the workflow again later.",
        >= 400 and <= 499 => $"n8n answered {reply.Status}: the workflow does not take this payload. Correct it, and trigger the workflow again.",
        502 or 504 => $"What stands before n8n answered {reply.Status}. {N8nVerdict.NotKnown}",
        500 => Failed(N8nVerdict.Text(json, "message")),
        _ => $"n8n answered {reply.Status}: look at n8n's executions for the reason.",
    };

    private static string NotFound(N8nCall call, N8nReply reply)
    {
        var webhook = $"{call.Webhook.Method} '{call.Webhook.Path}'";
        if (!reply.SaysNotRegistered)
            return N8nVerdict.IsPage(reply) ? $"There is no webhook at N8n:BaseUrl (404): {WrongAddress}" : "n8n answered 404: the workflow did not find what the payload names. Correct it, and trigger the workflow again.";
        return reply.Body.Contains("Did you mean", StringComparison.Ordinal)
            ? $"n8n has no active webhook {webhook} (404), but one with another method: give the method that its Webhook node has."
            : $"n8n has no active webhook {webhook} (404): publish the workflow in n8n, or correct the path or the method.";
    }

    private static string Failed(string? message) => message switch
    {
        "Error in workflow" =>
            "n8n answered 500: a node of the workflow failed, and only the execution in n8n has the reason. Look there, or let the workflow answer with it (Respond to Webhook).",
        "There was a problem executing the workflow" =>
            "n8n answered 500: it ended the execution, at its time limit or because somebody stopped it. Look at n8n's executions before triggering it again.",
        "No Respond to Webhook node found in the workflow" =>
            "n8n answered 500: the workflow ended without reaching a Respond to Webhook node, and what it did is done. Add one on every way, or let the Webhook node respond when the last node finishes.",
        _ => "n8n answered 500: look at n8n's executions for the reason.",
    };
}
