using System.Collections.Frozen;
using System.IO.Compression;
using System.IO.Pipelines;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Jarvis.Gateway.Edge;

/// <summary>
/// The body of an answer on its way to the client, compressed or not: that is known when its headers are, and when a kilobyte of it has come or all of it.
/// </summary>
internal sealed class CompressedBody(HttpContext context, IHttpResponseBodyFeature plain, PreparedCoding coding) : Stream, IHttpResponseBodyFeature
{
    private static readonly FrozenSet<string> Compressible = FrozenSet.ToFrozenSet(
        [
            "application/json", "application/problem+json", "application/javascript", "application/manifest+json", "application/xml", "image/svg+xml",
            "text/css", "text/html", "text/javascript", "text/markdown", "text/plain", "text/xml",
        ], StringComparer.OrdinalIgnoreCase);

    // What came before it was known what to do with it.
    private readonly MemoryStream _held = new();
    private Stream? _target;
    private PipeWriter? _writer;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    Stream IHttpResponseBodyFeature.Stream => this;

    PipeWriter IHttpResponseBodyFeature.Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    public void DisableBuffering() => plain.DisableBuffering();

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await DecideAsync(complete: false, force: true);
        await plain.StartAsync(cancellationToken);
    }

    public async Task CompleteAsync()
    {
        await FinishAsync();
        await plain.CompleteAsync();
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_target is null)
        {
            await DecideAsync(complete: false, force: false, buffer.Length);
            if (_target is null)
            {
                _held.Write(buffer.Span);
                return;
            }
        }
        await _target.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Somebody wants the client to see it now.</summary>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await DecideAsync(complete: false, force: true);
        await _target!.FlushAsync(cancellationToken);
    }

    /// <summary>All has been written.</summary>
    public async Task FinishAsync()
    {
        if (_writer is not null)
            await _writer.FlushAsync(context.RequestAborted);
        if (_target is null && _held.Length == 0)
            return;
        await DecideAsync(complete: true, force: true);
        if (_target != plain.Stream)
            await _target!.DisposeAsync();
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Answers are written asynchronously.");

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask DecideAsync(bool complete, bool force, int more = 0)
    {
        if (_target is not null)
            return;
        var headers = context.Response.Headers;
        var known = context.Response.ContentLength ?? (complete ? _held.Length : null);
        var wanted = IsCompressible(headers) && !(known < PreparedBody.MinCompressBytes);
        if (wanted && known is null && _held.Length + more < PreparedBody.MinCompressBytes)
        {
            if (!force)
                return;
            // A small piece that is to go out at once.
            wanted = false;
        }
        _target = wanted ? Compress(headers) : plain.Stream;
        if (complete && !wanted && !context.Response.HasStarted && context.Response.ContentLength is null)
            context.Response.ContentLength = _held.Length;
        if (_held.Length > 0)
            await _target.WriteAsync(_held.GetBuffer().AsMemory(0, (int)_held.Length), context.RequestAborted);
    }

    private bool IsCompressible(IHeaderDictionary headers) =>
        !context.Response.HasStarted && context.Response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status206PartialContent or StatusCodes.Status304NotModified)
        && headers.ContentEncoding.Count == 0 && headers.ContentRange.Count == 0 && (headers.ETag.Count == 0 || headers.ETag.ToString().StartsWith("W/", StringComparison.Ordinal))
        && !headers.CacheControl.ToString().Contains("no-transform", StringComparison.OrdinalIgnoreCase)
        && Compressible.Contains((context.Response.ContentType ?? "").Split(';')[0].Trim());

    private Stream Compress(IHeaderDictionary headers)
    {
        headers.ContentEncoding = coding == PreparedCoding.Brotli ? "br" : "gzip";
        headers.Vary = StringValues.Concat(headers.Vary, "Accept-Encoding");
        headers.ContentLength = null;
        return coding == PreparedCoding.Brotli
            ? new BrotliStream(plain.Stream, CompressionLevel.Fastest, leaveOpen: true)
            : new GZipStream(plain.Stream, CompressionLevel.Fastest, leaveOpen: true);
    }
}
