using System.Text.Json;

namespace Jarvis.Gateway.Limits;

/// <summary>
/// Whom an attempt to sign in is about, read from its body before the route does: counted by network address alone, one caller would keep all others of the address out.
/// </summary>
internal static class AuthSubject
{
    // Kept in memory up to here; the server bounds what comes.
    private const int BufferBytes = 1_048_576;

    private static readonly string[] Fields = ["email", "refresh_token", "token"];

    /// <summary>The e-mail address or the token that the body names; empty when it names none. The body is left as it was.</summary>
    public static async ValueTask<string> OfAsync(HttpRequest request)
    {
        if (request.ContentLength is 0 || !request.HasJsonContentType())
            return "";
        request.EnableBuffering(BufferBytes);
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, default, request.HttpContext.RequestAborted);
            return body.RootElement.ValueKind == JsonValueKind.Object ? Of(body.RootElement) : "";
        }
        catch (Exception exception) when (exception is JsonException or IOException or BadHttpRequestException)
        {
            // Not JSON, too long, or not all there: the route says which.
            return "";
        }
        finally
        {
            request.Body.Position = 0;
        }
    }

    private static string Of(JsonElement body)
    {
        foreach (var field in Fields)
        {
            if (body.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String)
                return $"{field}:{Text(value).Trim().ToUpperInvariant()}";
        }
        return "";
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which is no text.
            return "";
        }
    }
}
