using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// A request's body in rented memory, as it was sent or decompressed; what is over a limit is refused as soon as it is over it.
/// </summary>
public sealed class OtlpBody : IDisposable
{
    private const int FirstRent = 64 * 1_024;

    private byte[] _rented = BodyBuffers.Rent(FirstRent);
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _rented.AsMemory(0, _length);

    /// <summary>Reads the whole body as it is sent, or refuses it.</summary>
    /// <exception cref="OtlpTooLargeException">More bytes than <see cref="IngestionOptions"/> allows.</exception>
    public static async Task<OtlpBody> ReadAsync(HttpContext context, IngestionOptions options, CancellationToken cancellationToken)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = options.MaxBodyBytes;
        var body = new OtlpBody();
        try
        {
            await body.FillAsync(context.Request.Body, options.MaxBodyBytes, cancellationToken);
            return body;
        }
        catch (Exception exception)
        {
            body.Dispose();
            if (exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
                throw new OtlpTooLargeException($"The body has more than {options.MaxBodyBytes} bytes.");
            throw;
        }
    }

    /// <summary>The body decompressed, or refused.</summary>
    /// <exception cref="OtlpTooLargeException">More bytes than <see cref="IngestionOptions"/> allows.</exception>
    /// <exception cref="OtlpFormatException">It is no gzip stream, or a broken one.</exception>
    public async Task<OtlpBody> UnzipAsync(IngestionOptions options, CancellationToken cancellationToken)
    {
        var body = new OtlpBody();
        try
        {
            using var sent = new MemoryStream(_rented, 0, _length, writable: false);
            await using var plain = new GZipStream(sent, CompressionMode.Decompress);
            await body.FillAsync(plain, options.MaxDecompressedBytes, cancellationToken);
            return body;
        }
        catch (Exception exception)
        {
            body.Dispose();
            if (exception is InvalidDataException)
                throw new OtlpFormatException("The body is not a valid gzip stream.", exception);
            throw;
        }
    }

    public void Dispose()
    {
        if (_rented.Length > 0)
            BodyBuffers.Return(_rented);
        _rented = [];
        _length = 0;
    }

    private async Task FillAsync(Stream stream, int maxBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await stream.ReadAsync(_rented.AsMemory(_length), cancellationToken);
            if (read == 0)
                return;
            _length += read;
            if (_length > maxBytes)
                throw new OtlpTooLargeException($"The body has more than {maxBytes} bytes.");
            if (_length == _rented.Length)
                _rented = BodyBuffers.Grow(_rented);
        }
    }
}
