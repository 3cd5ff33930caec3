using System.IO.Pipelines;

namespace Jarvis.Gateway.Edge;

/// <summary>A connection's output: as it is, until the server refuses what came; then all that it still writes is dropped, and the answer stands in its place.</summary>
internal sealed class RefusalWriter(PipeWriter inner) : PipeWriter
{
    private byte[]? _answer;
    private byte[] _dropped = [];

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => _answer is null ? inner.UnflushedBytes : 0;

    public void Refuse(byte[] answer) => _answer = answer;

    /// <summary>Sends the answer, when there is one, after the server has ended with the connection.</summary>
    public async ValueTask SendAsync()
    {
        if (_answer is not null)
            await inner.WriteAsync(_answer);
    }

    public override void Advance(int bytes)
    {
        if (_answer is null)
            inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _answer is null ? inner.GetMemory(sizeHint) : Dropped(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _answer is null ? inner.GetSpan(sizeHint) : Dropped(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => _answer is null ? inner.FlushAsync(cancellationToken) : default;

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        _answer is null ? inner.WriteAsync(source, cancellationToken) : default;

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        if (_answer is null)
            inner.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null) => _answer is null ? inner.CompleteAsync(exception) : default;

    private byte[] Dropped(int sizeHint) => _dropped.Length >= Math.Max(sizeHint, 1) ? _dropped : _dropped = new byte[Math.Max(sizeHint, 4_096)];
}
