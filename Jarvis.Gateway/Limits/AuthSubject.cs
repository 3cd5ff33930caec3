using System.Runtime.InteropServices;
using System.Text.Json;

namespace Jarvis.Gateway.Limits;

/// <summary>
/// Whom an attempt to sign in is about, read from its body before the route does: counted by network address alone, one caller would keep all others of the address out.
/// </summary>
/// <param name="Field">The field of the body that names it; empty when none does.</param>
/// <param name="Value">As it was sent.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AuthSubject(string Field, string Value)
{
    private const string EmailField = "email";
    private const string RefreshField = "refresh_token";

    // Kept in memory up to here; the server bounds what comes.
    private const int BufferBytes = 1_048_576;

    private static readonly string[] Fields = [EmailField, RefreshField, "token"];

    /// <summary>The e-mail address of an account; null when it is about something else.</summary>
    public string? Email => Field == EmailField ? Value.Trim() : null;

    /// <summary>The refresh token to be spent; null likewise.</summary>
    public string? RefreshToken => Field == RefreshField ? Value : null;

    /// <summary>What its attempts are counted by: the same however it is spelt.</summary>
    public string Key => Field is { Length: > 0 } ? $"{Field}:{Value.Trim().ToUpperInvariant()}" : "";

    /// <summary>The e-mail address or the token that the body names, if any. The body is left as it was.</summary>
    public static async ValueTask<AuthSubject> OfAsync(HttpRequest request)
    {
        if (request.ContentLength is 0 || !request.HasJsonContentType())
            return new("", "");
        request.EnableBuffering(BufferBytes);
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, default, request.HttpContext.RequestAborted);
            return body.RootElement.ValueKind == JsonValueKind.Object ? Of(body.RootElement) : new("", "");
        }
        catch (Exception exception) when (exception is JsonException or IOException or BadHttpRequestException)
        {
            // Not JSON, too long, or not all there: the route says which.
            return new("", "");
        }
        finally
        {
            request.Body.Position = 0;
        }
    }

    private static AuthSubject Of(JsonElement body)
    {
        foreach (var field in Fields)
        {
            if (body.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String)
                return new(field, Text(value));
        }
        return new("", "");
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
