using System.Globalization;
using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.WebUtilities;

namespace Jarvis.Gateway.Edge;

/// <summary>The whole HTTP/1.1 answer to what the server refused, byte by byte.</summary>
internal static class RefusalAnswer
{
    public static byte[] Of(int status, string path, string correlationId, DateTimeOffset now)
    {
        var code = status == StatusCodes.Status505HttpVersionNotsupported ? ErrorCode.MalformedRequest : ErrorCode.ForStatus(status);
        var body = JsonSerializer.SerializeToUtf8Bytes(Problem.Of(code, status, DetailOf(status), path, correlationId), JsonRules.Options);
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}
            Date: {now:R}
            Connection: close
            Content-Type: {Problem.ContentType}
            Content-Length: {body.Length}
            Cache-Control: no-store
            X-Content-Type-Options: nosniff
            Content-Security-Policy: default-src 'none'; frame-ancestors 'none'
            Referrer-Policy: no-referrer
            {CorrelationId.Header}: {correlationId}


            """).ReplaceLineEndings("\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private static string DetailOf(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => "The request took too long to arrive.",
        StatusCodes.Status413PayloadTooLarge => "The body is larger than this route takes.",
        StatusCodes.Status414UriTooLong => "The request line is too long.",
        StatusCodes.Status431RequestHeaderFieldsTooLarge => "There are too many headers, or they are too large.",
        StatusCodes.Status505HttpVersionNotsupported => "This version of HTTP is not spoken here.",
        _ => "This is not a well-formed HTTP request.",
    };
}
