using Jarvis.Gateway.Services;

namespace Jarvis.Gateway.Proxy;

/// <summary>
/// A request's body that throws the server's own "too large" once more than <paramref name="limit"/> bytes have come, and tells <paramref name="arrival"/> what came.
/// </summary>
internal sealed class LimitedBody(Stream inner, long limit, BodyArrival arrival) : Stream
{
    private long _read;

    public Stream Inner => inner;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count), count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Count(int read, int asked)
    {
        _read += read;
        // Nothing is also what who only waits for more asks for.
        if (asked > 0)
            arrival.Read(read);
        return _read <= limit ? read : throw new BadHttpRequestException(BodyLimit.TooLarge, StatusCodes.Status413PayloadTooLarge);
    }
}
