using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>Reads a request's body, decompressed, into rented memory; refuses what is over a limit as soon as it is over it.</summary>
public sealed class OtlpBody : IDisposable
{
    private const int FirstRent = 64 * 1_024;

    private byte[] _rented = ArrayPool<byte>.Shared.Rent(FirstRent);
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _rented.AsMemory(0, _length);

    /// <summary>Reads the whole body, or refuses it.</summary>
    /// <exception cref="OtlpTooLargeException">More bytes than <see cref="IngestionOptions"/> allows, before or after decompression.</exception>
    /// <exception cref="OtlpFormatException">The gzip stream is broken.</exception>
    public static async Task<OtlpBody> ReadAsync(HttpContext context, bool gzip, IngestionOptions options, CancellationToken cancellationToken)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = options.MaxBodyBytes;
        var body = new OtlpBody();
        try
        {
            if (gzip)
            {
                await using var plain = new GZipStream(context.Request.Body, CompressionMode.Decompress, leaveOpen: true);
                await body.FillAsync(plain, options.MaxDecompressedBytes, cancellationToken);
            }
            else
            {
                await body.FillAsync(context.Request.Body, options.MaxBodyBytes, cancellationToken);
            }
            return body;
        }
        catch (Exception exception)
        {
            body.Dispose();
            switch (exception)
            {
                case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                    throw new OtlpTooLargeException($"The body has more than {options.MaxBodyBytes} bytes.");
                case InvalidDataException:
                    throw new OtlpFormatException("The body is not a valid gzip stream.", exception);
                default:
                    throw;
            }
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_rented);
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
                Grow();
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_rented.Length * 2);
        _rented.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
    }
}
