using System.Text;
using System.Text.Json;
using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.N8n;

/// <summary>A webhook call: what is sent, whatever the number of tries.</summary>
/// <param name="TaskId">Sent as <c>Idempotency-Key</c>; n8n itself does not look at it, a workflow can.</param>
/// <param name="Webhook">Method and path below <c>/webhook/</c>.</param>
/// <param name="Payload">A JSON object: the body, or with GET the query.</param>
public sealed record N8nCall(Guid TaskId, TaskWebhook Webhook, string Payload)
{
    public bool IsGet => Webhook.Method == "GET";

    /// <summary>The path and query relative to n8n's base address.</summary>
    public string Target => $"webhook/{string.Join('/', Webhook.Path.Split('/').Select(Uri.EscapeDataString))}{(IsGet ? Query(Payload) : "")}";

    /// <summary>The payload's members as a query string; what is no text goes as its JSON.</summary>
    public static string Query(string payload)
    {
        using var document = JsonDocument.Parse(payload);
        var query = new StringBuilder();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(member.Name)).Append('=')
                .Append(Uri.EscapeDataString(member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText()));
        }
        return query.ToString();
    }
}
