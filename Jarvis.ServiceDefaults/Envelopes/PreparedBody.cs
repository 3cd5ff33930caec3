using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Jarvis.ServiceDefaults.Correlation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Jarvis.ServiceDefaults.Envelopes;

/// <summary>
/// An answer whose bytes are ready: an envelope up to its metadata, to which each answer adds its own timestamp and correlation ID, or a whole body.
/// Its compressed forms are made once, when first asked for.
/// </summary>
public sealed class PreparedBody
{
    /// <summary>Below this many bytes compressing costs more than it saves.</summary>
    public const int MinCompressBytes = 1_024;

    private const string Private = "private, no-cache";
    private static readonly StringValues Json = "application/json; charset=utf-8";

    private readonly PreparedTag _tag;
    private readonly PreparedForm _identity;
    private readonly StringValues _vary;
    private readonly StringValues _contentType;
    private readonly Lazy<PreparedForm?> _gzip;
    private readonly Lazy<PreparedForm?> _brotli;

    private PreparedBody(ReadOnlyMemory<byte> bytes, bool whole, StringValues contentType, string tag, string? vary)
    {
        (Bytes, IsWhole, _contentType, Vary) = (bytes, whole, contentType, vary);
        _tag = new PreparedTag(tag);
        _vary = vary is null ? "Accept-Encoding" : $"{vary}, Accept-Encoding";
        _identity = PreparedForm.Of(PreparedCoding.Identity, bytes, whole);
        _gzip = new(() => Worthwhile(PreparedCoding.Gzip));
        _brotli = new(() => Worthwhile(PreparedCoding.Brotli));
    }

    /// <summary>What is the same in every answer, uncompressed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether <see cref="Bytes"/> is all of the body; else each answer's metadata follows.</summary>
    public bool IsWhole { get; }

    /// <summary>The entity tag of the uncompressed form, without its quotes.</summary>
    public string Tag => _tag.Value;

    public string ContentType => _contentType.ToString();

    /// <summary>Request headers besides <c>Accept-Encoding</c> on which the answer depends.</summary>
    public string? Vary { get; }

    /// <summary>The most that this body ever holds in memory: its compressed forms are kept only when they are less than half of it.</summary>
    public long MemoryBytes => 400 + (Bytes.Length * (Bytes.Length < MinCompressBytes ? 1L : 2L));

    /// <summary><paramref name="data"/> in the envelope.</summary>
    /// <param name="tag">Changes whenever the data does; visible ASCII without quotes and commas.</param>
    /// <param name="metadata">Members of <c>metadata</c> besides the timestamp and the correlation ID.</param>
    public static PreparedBody Of<T>(T data, string tag, IReadOnlyDictionary<string, object?>? metadata = null, string? vary = null) =>
        OfJson(JsonSerializer.SerializeToUtf8Bytes(data, JsonRules.Options), tag, metadata, vary);

    /// <summary>As <see cref="Of"/>, for data without a version of its own: the tag is a hash of its JSON.</summary>
    public static PreparedBody OfContent<T>(T data)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(data, JsonRules.Options);
        return OfJson(json, Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 8)));
    }

    /// <summary>As <see cref="Of"/>, with the data as JSON already.</summary>
    public static PreparedBody OfJson(ReadOnlySpan<byte> dataJson, string tag, IReadOnlyDictionary<string, object?>? metadata = null, string? vary = null) =>
        Join("\"data\":"u8, dataJson, tag, metadata, vary);

    /// <summary>An envelope with members of its own in place of <c>data</c>, such as <c>"agents":{…},"count":3</c>.</summary>
    public static PreparedBody OfMembers(ReadOnlySpan<byte> membersJson, string tag, IReadOnlyDictionary<string, object?>? metadata = null, string? vary = null) =>
        Join([], membersJson, tag, metadata, vary);

    /// <summary>A whole body of any kind: no envelope.</summary>
    public static PreparedBody Whole(ReadOnlyMemory<byte> body, string contentType, string tag, string? vary = null) => new(body, true, contentType, tag, vary);

    /// <summary>An envelope as another process prepared it, without its end.</summary>
    public static PreparedBody Envelope(ReadOnlyMemory<byte> start, string tag, string? vary = null) => new(start, false, Json, tag, vary);

    /// <summary>Answers with it, or with 304 when the client has it.</summary>
    public Task WriteAsync(HttpContext context, DateTimeOffset now)
    {
        var (request, response) = (context.Request.Headers, context.Response);
        var (coding, form) = Select(request.AcceptEncoding);
        var headers = response.Headers;
        headers.CacheControl = Private;
        headers.Vary = StringValues.Concat(headers.Vary, _vary);
        if (request.IfNoneMatch.Count > 0 && _tag.Known(request.IfNoneMatch, coding) is { } known)
        {
            headers.ETag = known;
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        headers.ETag = _tag.Of(coding);
        headers.ContentType = _contentType;
        if (form.ContentEncoding is { } contentEncoding)
            headers.ContentEncoding = contentEncoding;
        return SendAsync(response, form, now, context.RequestAborted);
    }

    private async Task SendAsync(HttpResponse response, PreparedForm form, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Memory<byte> end = default;
        if (!IsWhole)
        {
            end = new byte[PreparedEnd.MaxLength];
            end = end[..PreparedEnd.Write(end.Span, now, CorrelationId.Current)];
        }
        var last = form.EndLength(end.Length);
        response.ContentLength = form.Start.Length + last;
        // Once started, the server takes the bytes where they go; before it they would be copied twice.
        await response.StartAsync(cancellationToken);
        var writer = response.BodyWriter;
        writer.Write(form.Start.Span);
        if (last > 0)
        {
            form.WriteEnd(writer.GetSpan(last), end.Span);
            writer.Advance(last);
        }
        await writer.FlushAsync(cancellationToken);
    }

    private (PreparedCoding Coding, PreparedForm Form) Select(StringValues acceptEncoding)
    {
        if (acceptEncoding.Count == 0)
            return (PreparedCoding.Identity, _identity);
        var (coding, required) = AcceptedCoding.Of(acceptEncoding.ToString());
        if (coding == PreparedCoding.Identity || (Bytes.Length < MinCompressBytes && !required))
            return (PreparedCoding.Identity, _identity);
        if ((coding == PreparedCoding.Gzip ? _gzip : _brotli).Value is { } form)
            return (coding, form);
        return required ? (coding, PreparedForm.Of(coding, Bytes, IsWhole)) : (PreparedCoding.Identity, _identity);
    }

    /// <summary>The compressed form, or null when it is not worth its memory.</summary>
    private PreparedForm? Worthwhile(PreparedCoding coding)
    {
        if (Bytes.Length < MinCompressBytes)
            return null;
        var form = PreparedForm.Of(coding, Bytes, IsWhole);
        return form.Start.Length < Bytes.Length / 2 ? form : null;
    }

    private static PreparedBody Join(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, string tag, IReadOnlyDictionary<string, object?>? metadata, string? vary)
    {
        var extra = metadata is { Count: > 0 } ? JsonSerializer.SerializeToUtf8Bytes(metadata, JsonRules.Options) : [];
        var bytes = new ArrayBufferWriter<byte>(json.Length + extra.Length + 48);
        bytes.Write("{\"success\":true,"u8);
        bytes.Write(name);
        bytes.Write(json);
        bytes.Write(",\"metadata\":{"u8);
        if (extra.Length > 0)
        {
            bytes.Write(extra.AsSpan(1..^1));
            bytes.Write(","u8);
        }
        return new(bytes.WrittenSpan.ToArray(), false, Json, tag, vary);
    }
}
