using System.Text.Json;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.Tests.N8n;

/// <summary>What is said of each answer that n8n 2.41 gave when it was tried: what happened, and what to do.</summary>
public sealed class N8nRefusalTests
{
    [Theory]
    [InlineData(404, """{"code":404,"message":"The requested webhook \"POST orders\" is not registered.","hint":"Activate it."}""",
        "n8n has no active webhook POST 'orders' (404): publish the workflow in n8n, or correct the path or the method. n8n says: The requested webhook \"POST orders\" is not registered. Activate it.")]
    [InlineData(404, """{"code":404,"message":"This webhook is not registered for POST requests. Did you mean to make a GET request?"}""",
        "n8n has no active webhook POST 'orders' (404), but one with another method: give the method that its Webhook node has. n8n says: This webhook is not registered for POST requests. Did you mean to make a GET request?")]
    [InlineData(404, """{"error":"no such customer"}""", "n8n answered 404: the workflow did not find what the payload names. Correct it, and trigger the workflow again. n8n says: no such customer")]
    [InlineData(403, "Authorization data is wrong!",
        "n8n refused the call (403): the webhook wants authentication, and N8n:WebhookKey is not set, or not what its credential holds. n8n says: Authorization data is wrong!")]
    [InlineData(422, """{"code":422,"message":"Failed to parse request body","hint":"x"}""",
        "n8n could not read the payload (422), and nothing was run. Send JSON that n8n can parse. n8n says: Failed to parse request body x")]
    [InlineData(500, """{"message":"Error in workflow"}""",
        "n8n answered 500: a node of the workflow failed, and only the execution in n8n has the reason. Look there, or let the workflow answer with it (Respond to Webhook). n8n says: Error in workflow")]
    [InlineData(500, """{"code":0,"message":"There was a problem executing the workflow"}""",
        "n8n answered 500: it ended the execution, at its time limit or because somebody stopped it. Look at n8n's executions before triggering it again. n8n says: There was a problem executing the workflow")]
    [InlineData(413, "", "n8n, or what stands before it, takes no payload of this size (413). Send less, or raise its limit.")]
    [InlineData(503, "", "n8n is too busy (503) and stayed so. Nothing was run: trigger the workflow again later.")]
    public void Of_AnAnswer_SaysWhatHappenedAndWhatToDo(int status, string body, string expected) => Assert.Equal(expected, Error(status, body));

    [Theory]
    [InlineData("""{"error":"quantity must be positive"}""", "quantity must be positive")]
    [InlineData("""{"error":{"message":"no stock","code":7}}""", "no stock")]
    [InlineData("""{"detail":"wrong","errors":["a","b"]}""", "wrong a; b")]
    [InlineData("""{"errors":{"quantity":["must be positive","must be whole"],"name":"is missing"}}""", "quantity: must be positive; must be whole; name: is missing")]
    [InlineData("""{"errors":[{"field":"quantity","message":"must be positive"}]}""", "must be positive")]
    [InlineData("""["a","b"]""", "a; b")]
    [InlineData("""{"problem":{"kind":"stock"}}""", """{"problem":{"kind":"stock"}}""")]
    [InlineData("\"too many\"", "too many")]
    [InlineData("line one\r\n\u001b[31mline\0two\u0085", "line one [31mline two")]
    [InlineData("""{"message":"login as admin with password=hunter2 failed"}""", "login as admin with password=*** failed")]
    [InlineData("""{"message":"GET https://me:hunter2@host/x?token=abcdefghijklmnop said no"}""", "GET https://***@host/x?token=*** said no")]
    [InlineData("""{"message":"Authorization: Bearer abcdefghijkl","error":"sk-abcdefghijklmnop1234 is not valid, token: expired"}""", "Authorization: Bearer *** *** is not valid, token: expired")]
    public void Of_AWorkflowsOwnReasons_TellsThemInOneLineWithoutSecrets(string body, string reasons) =>
        Assert.EndsWith($" n8n says: {reasons}", Error(422, body), StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("null")]
    public void Of_AnAnswerWithoutReasons_SaysNoMore(string body) =>
        Assert.EndsWith("Correct it, and trigger the workflow again.", Error(422, body), StringComparison.Ordinal);

    [Fact]
    public void Words_OfAVeryLongAnswer_AreBounded()
    {
        var error = Error(422, JsonSerializer.Serialize(new { errors = Enumerable.Repeat(new string('é', 9_000), 50) }));
        Assert.InRange(error.Length, 500, 700);
    }

    private static string Error(int status, string body)
    {
        var type = body.StartsWith('{') || body.StartsWith('[') ? "application/json" : "text/html";
        var outcome = N8nVerdict.Of(new(Guid.Empty, new TaskWebhook("POST", "orders"), "{}"), new N8nReply(Delivery.Answered) { Status = status, ContentType = type, Body = body });
        Assert.Equal(TaskState.Failed, outcome.State);
        return outcome.Error!;
    }
}
