using System.Globalization;
using System.Text;
using Jarvis.ServiceDefaults.Redaction;
using Microsoft.Net.Http.Headers;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// What an exporter is told, in the content type that it spoke: an ExportTraceServiceResponse, or a google.rpc.Status
/// (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response).
/// </summary>
public sealed class OtlpAnswer : IResult, IStatusCodeHttpResult
{
    public const string Protobuf = "application/x-protobuf";
    public const string Json = "application/json";

    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(2);

    private readonly bool _json;
    private readonly TimeSpan? _comeBack;
    private readonly byte[] _body;

    private OtlpAnswer(bool json, int status, byte[] body, TimeSpan? comeBack = null)
    {
        _json = json;
        _body = body;
        _comeBack = comeBack;
        StatusCode = status;
    }

    public int? StatusCode { get; }

    /// <summary>200: the valid spans are committed; the rejected ones are counted, and must not be sent again.</summary>
    public static OtlpAnswer Accepted(bool json, int rejected, string? reason)
    {
        if (rejected == 0)
            return new(json, StatusCodes.Status200OK, json ? "{}"u8.ToArray() : []);
        using var buffer = new JsonBuffer(AttributeRedaction.Strict);
        if (!json)
            return new(json, StatusCodes.Status200OK, Message(1, Whole(1, (ulong)rejected), Text(2, reason!)));
        buffer.Writer.WriteStartObject();
        buffer.Writer.WriteStartObject("partialSuccess"u8);
        buffer.Writer.WriteString("rejectedSpans"u8, rejected.ToString(CultureInfo.InvariantCulture));
        buffer.Writer.WriteString("errorMessage"u8, reason);
        buffer.Writer.WriteEndObject();
        buffer.Writer.WriteEndObject();
        return new(json, StatusCodes.Status200OK, buffer.Take());
    }

    public static OtlpAnswer Malformed(bool json, string message) => Status(json, StatusCodes.Status400BadRequest, 3, message);

    public static OtlpAnswer TooLarge(bool json, string message) => Status(json, StatusCodes.Status413PayloadTooLarge, 8, message);

    public static OtlpAnswer Unavailable(bool json, string message) => Status(json, StatusCodes.Status503ServiceUnavailable, 14, message, ComeBack);

    /// <summary>429: the account may store no more until <paramref name="comeBack"/> is over.</summary>
    public static OtlpAnswer Exhausted(bool json, string message, TimeSpan comeBack) => Status(json, StatusCodes.Status429TooManyRequests, 8, message, comeBack);

    public static OtlpAnswer Internal(bool json, string message) => Status(json, StatusCodes.Status500InternalServerError, 13, message);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCode!.Value;
        response.ContentType = _json ? Json : Protobuf;
        response.ContentLength = _body.Length;
        if (_comeBack is { } wait)
            response.Headers[HeaderNames.RetryAfter] = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await response.Body.WriteAsync(_body, httpContext.RequestAborted);
    }

    // The code is gRPC's, the one that goes with the HTTP status.
    private static OtlpAnswer Status(bool json, int status, int code, string message, TimeSpan? comeBack = null)
    {
        if (!json)
            return new(json, status, [.. Whole(1, (ulong)code), .. Text(2, message)], comeBack);
        using var buffer = new JsonBuffer(AttributeRedaction.Strict);
        buffer.Writer.WriteStartObject();
        buffer.Writer.WriteNumber("code"u8, code);
        buffer.Writer.WriteString("message"u8, message);
        buffer.Writer.WriteEndObject();
        return new(json, status, buffer.Take(), comeBack);
    }

    private static byte[] Message(int field, params ReadOnlySpan<byte[]> parts)
    {
        byte[] content = [.. parts.ToArray().SelectMany(part => part)];
        return [.. Varint((ulong)(field << 3 | 2)), .. Varint((ulong)content.Length), .. content];
    }

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Whole(int field, ulong value) => [.. Varint((ulong)(field << 3)), .. Varint(value)];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}
