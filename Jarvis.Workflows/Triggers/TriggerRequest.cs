using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.Workflows.N8n;

namespace Jarvis.Workflows.Triggers;

/// <summary>What <c>POST workflow/trigger</c> asks for, once every field is known to be right.</summary>
/// <param name="WorkflowId">A workflow of the catalog, by id or name; or</param>
/// <param name="WebhookPath">the path of its webhook below <c>/webhook/</c>; exactly one of the two.</param>
/// <param name="Method">GET, POST, PUT, PATCH or DELETE; null for the webhook's own (POST when only the path is given).</param>
/// <param name="Payload">A JSON object of at most 256 KiB, as it was written.</param>
public sealed record TriggerRequest(string? WorkflowId, string? WebhookPath, string? Method, string Payload)
{
    public const int MaxPayloadBytes = 262_144;

    /// <summary>A GET carries its payload in the address, and Node takes 16 KiB of headers.</summary>
    public const int MaxQueryLength = 8_192;

    private const int MaxName = 200;
    public static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>Reads the body; what is wrong with each field goes to <paramref name="errors"/>, and the result is then of no use.</summary>
    public static TriggerRequest Read(JsonElement body, QueryReader errors)
    {
        var workflow = Text(body, "workflow_id", errors);
        var path = Text(body, "webhook_path", errors) is { } given ? WebhookPathOf(given, errors) : null;
        var method = Text(body, "method", errors)?.ToUpperInvariant();
        if (method is not null && !Methods.Contains(method, StringComparer.Ordinal))
            errors.Wrong("method", $"must be one of {string.Join(", ", Methods)}");
        if (IsThere(body, "workflow_id") == IsThere(body, "webhook_path"))
        {
            errors.Wrong("workflow_id", "exactly one of workflow_id and webhook_path must be given");
            errors.Wrong("webhook_path", "exactly one of workflow_id and webhook_path must be given");
        }
        var payload = PayloadOf(body, errors);
        if (method == "GET")
            CheckQuery(payload, errors.Wrong);
        return new(workflow, path, method, payload);
    }

    /// <summary>Calls <paramref name="wrong"/> when the payload cannot travel in an address.</summary>
    public static void CheckQuery(string payload, Action<string, string> wrong)
    {
        try
        {
            if (N8nCall.Query(payload).Length > MaxQueryLength)
                wrong("payload", $"goes into the address with GET, and must have at most {MaxQueryLength} characters there");
        }
        catch (Exception exception) when (exception is InvalidOperationException or UriFormatException)
        {
            wrong("payload", "has text that is not valid Unicode, and cannot go into the address with GET");
        }
    }

    private static string PayloadOf(JsonElement body, QueryReader errors)
    {
        if (!IsThere(body, "payload"))
            return "{}";
        var payload = body.GetProperty("payload");
        if (payload.ValueKind != JsonValueKind.Object)
        {
            errors.Wrong("payload", "must be a JSON object");
            return "{}";
        }
        var text = payload.GetRawText();
        if (Encoding.UTF8.GetByteCount(text) <= MaxPayloadBytes)
            return text;
        errors.Wrong("payload", $"must have at most {MaxPayloadBytes} bytes");
        return "{}";
    }

    private static string? WebhookPathOf(string given, QueryReader errors)
    {
        var path = given.Trim('/');
        if (!IsPlainPath(path))
            errors.Wrong("webhook_path", "must be a plain path such as 'orders/new': no empty, '.' or '..' parts, no query, none of ? # % \\");
        return path;
    }

    /// <summary>Whether a path stays below <c>/webhook/</c> when an address is made of it.</summary>
    public static bool IsPlainPath(string path) =>
        Array.TrueForAll(path.Split('/'), part => part is not ("" or "." or "..") && part.AsSpan().IndexOfAny("?#%\\") < 0);

    private static string? Text(JsonElement body, string name, QueryReader errors)
    {
        if (!IsThere(body, name))
            return null;
        var value = body.GetProperty(name);
        if (value.ValueKind != JsonValueKind.String)
            errors.Wrong(name, "must be a text");
        else if (TryGetString(value) is not { } text || text.Any(char.IsControl))
            errors.Wrong(name, "has characters that are not allowed");
        else if (text.Trim().Length is 0 or > MaxName)
            errors.Wrong(name, $"must have 1 to {MaxName} characters");
        else
            return text.Trim();
        return null;
    }

    private static string? TryGetString(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsThere(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
}

/// <summary>The body of <c>POST workflow/trigger</c> as the API description shows it.</summary>
public sealed record TriggerBody(string? WorkflowId, string? WebhookPath, string? Method, JsonElement? Payload);
