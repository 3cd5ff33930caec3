using System.Buffers;

namespace Jarvis.Gateway.HotCache;

/// <summary>What the headers say of a body that is held back.</summary>
/// <param name="Prepared">Bytes of it that are the same in every answer.</param>
/// <param name="Tag">The entity tag without its quotes.</param>
internal sealed record HeldAnswer(int Length, int Prepared, string Tag, string Version);

/// <summary>The body of an answer on its way to the client: passed on as it comes, or held back whole once <see cref="Hold"/> was called.</summary>
internal sealed class HotCapture(Stream client) : Stream
{
    private ArrayBufferWriter<byte>? _held;

    /// <summary>What was held back; null when all went through.</summary>
    public ReadOnlyMemory<byte>? Held => _held?.WrittenMemory;

    public HeldAnswer Answer { get; private set; } = null!;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void Hold(HeldAnswer answer) => (_held, Answer) = (new ArrayBufferWriter<byte>(Math.Max(answer.Length, 1)), answer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_held is null)
            return client.WriteAsync(buffer, cancellationToken);
        _held.Write(buffer.Span);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) => _held is null ? client.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
