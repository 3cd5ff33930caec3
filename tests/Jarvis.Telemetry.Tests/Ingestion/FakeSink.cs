using System.Collections.Concurrent;
using System.Threading.Channels;
using Jarvis.Telemetry.Ingestion;

namespace Jarvis.Telemetry.Tests.Ingestion;

/// <summary>A sink whose commits a test holds back, lets through or fails.</summary>
internal sealed class FakeSink : ISpanSink
{
    private readonly Channel<Exception?> _outcomes = Channel.CreateUnbounded<Exception?>();
    private readonly Channel<int> _started = Channel.CreateUnbounded<int>();

    public ConcurrentQueue<SpanRecord> Committed { get; } = [];

    /// <summary>Ends when the next write has come, with its number of spans; fails after ten seconds.</summary>
    public Task<int> StartedAsync() => _started.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    public void Commit(int times = 1)
    {
        for (var i = 0; i < times; i++)
            _outcomes.Writer.TryWrite(null);
    }

    public void Fail(Exception exception) => _outcomes.Writer.TryWrite(exception);

    public async Task WriteAsync(IReadOnlyCollection<SpanRecord> spans, CancellationToken cancellationToken)
    {
        _started.Writer.TryWrite(spans.Count);
        if (await _outcomes.Reader.ReadAsync(cancellationToken) is { } fault)
            throw fault;
        foreach (var span in spans)
            Committed.Enqueue(span);
    }
}
