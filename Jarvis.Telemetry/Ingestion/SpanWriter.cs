using System.Threading.Channels;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// Puts the spans of many requests into one transaction. A request hands in its spans and waits for their commit; one writer takes what
/// has gathered. When the queue is full (in spans or in bytes), or the store is away, requests are told to come back, and what nobody
/// waits for any more
/// leaves the queue: nothing piles up.
/// </summary>
public sealed partial class SpanWriter(ISpanSink sink, IOptions<IngestionOptions> options, TimeProvider time, ILogger<SpanWriter> logger) : BackgroundService
{
    // Each that waits has a span at least; those who left stay until the writer passes them, without their spans.
    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.Value.MaxQueuedSpans) { SingleReader = true });
    private long _queuedSpans;
    private long _queuedBytes;
    private volatile WriteFault? _fault;

    /// <summary>Spans that wait or are being written. Bounds the queue: <see cref="IngestionOptions.MaxQueuedSpans"/>.</summary>
    public long QueuedSpans => Interlocked.Read(ref _queuedSpans);

    /// <summary>Bytes of those spans. Bounds the queue too: <see cref="IngestionOptions.MaxQueuedBytes"/>.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    /// <summary>Why the newest write failed; null when it did not.</summary>
    public WriteFault? Fault => _fault;

    /// <summary>Ends when <paramref name="spans"/> are committed.</summary>
    /// <exception cref="IngestionUnavailableException">Queue full, store away, or no commit in time (it may still come: sending again
    /// does no harm).</exception>
    /// <exception cref="SpansRefusedException">The store will never take them.</exception>
    public async Task WriteAsync(IReadOnlyList<SpanRecord> spans, CancellationToken cancellationToken)
    {
        if (spans.Count == 0)
            return;
        var waiting = new Waiting(spans);
        if (!TryCount(waiting) || !_queue.Writer.TryWrite(waiting))
        {
            Uncount(waiting);
            throw new IngestionUnavailableException("The queue of spans is full. Try again shortly.");
        }
        try
        {
            await waiting.Committed.WaitAsync(TimeSpan.FromSeconds(options.Value.CommitTimeoutSeconds), time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // What is being written already counts until that is settled.
            if (waiting.TryLeave())
                Uncount(waiting);
            if (exception is OperationCanceledException)
                throw;
            throw new IngestionUnavailableException("The spans were not committed in time. Try again shortly.", exception);
        }
    }

    // A single request that is larger than the queue is taken when nothing else waits.
    private bool TryCount(Waiting waiting)
    {
        var (spans, bytes) = (Interlocked.Add(ref _queuedSpans, waiting.Count), Interlocked.Add(ref _queuedBytes, waiting.Bytes));
        return (spans <= options.Value.MaxQueuedSpans && bytes <= options.Value.MaxQueuedBytes) || (spans == waiting.Count && bytes == waiting.Bytes);
    }

    private void Uncount(Waiting waiting)
    {
        Interlocked.Add(ref _queuedSpans, -waiting.Count);
        Interlocked.Add(ref _queuedBytes, -waiting.Bytes);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What stores spans makes none, else every batch would make the next.
        using var suppressed = SuppressInstrumentationScope.Begin();
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken))
            {
                if (options.Value.LingerMs > 0 && QueuedSpans < options.Value.MaxBatchSpans)
                    await Task.Delay(TimeSpan.FromMilliseconds(options.Value.LingerMs), time, stoppingToken);
                if (TakeBatch() is { Count: > 0 } batch)
                    await WriteAsync(batch, stoppingToken);
            }
        }
        finally
        {
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryRead(out var left))
            {
                if (left.TryTake())
                    Settle(left, Stopping());
            }
        }
    }

    private List<Waiting> TakeBatch()
    {
        var batch = new List<Waiting>();
        var (spans, bytes) = (0, 0L);
        while (_queue.Reader.TryPeek(out var next))
        {
            if (batch.Count > 0 && (spans + next.Count > options.Value.MaxBatchSpans || bytes + next.Bytes > options.Value.MaxBatchBytes))
                break;
            _queue.Reader.TryRead(out next);
            if (!next!.TryTake())
                continue;
            batch.Add(next);
            (spans, bytes) = (spans + next.Count, bytes + next.Bytes);
        }
        return batch;
    }

    private async Task WriteAsync(List<Waiting> batch, CancellationToken stoppingToken)
    {
        try
        {
            await sink.WriteAsync([.. batch.SelectMany(waiting => waiting.Spans)], stoppingToken);
            _fault = null;
            batch.ForEach(waiting => Settle(waiting));
        }
        catch (SpansRefusedException) when (batch.Count > 1)
        {
            await WriteEachAsync(batch, stoppingToken);
        }
        catch (Exception exception)
        {
            var told = exception is IngestionUnavailableException or SpansRefusedException
                ? exception
                : new IngestionUnavailableException("The spans could not be stored. Try again shortly.", exception);
            if (!stoppingToken.IsCancellationRequested)
            {
                if (_fault is null)
                    LogFailed(exception, batch.Sum(waiting => waiting.Count));
                _fault = new WriteFault(time.GetUtcNow(), told.Message);
            }
            batch.ForEach(waiting => Settle(waiting, told));
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>One request's spans must not take the others with them; when the service stops in between, the rest are told.</summary>
    private async Task WriteEachAsync(List<Waiting> batch, CancellationToken stoppingToken)
    {
        var left = new Queue<Waiting>(batch);
        try
        {
            while (left.TryDequeue(out var waiting))
                await WriteAsync([waiting], stoppingToken);
        }
        finally
        {
            foreach (var waiting in left)
                Settle(waiting, Stopping());
        }
    }

    private void Settle(Waiting waiting, Exception? fault = null)
    {
        Uncount(waiting);
        waiting.Settle(fault);
    }

    private static IngestionUnavailableException Stopping() => new("Telemetry is shutting down. Try again shortly.");

    [LoggerMessage(EventId = 100, Level = LogLevel.Warning, Message = "{Spans} spans could not be stored; their exporters are asked to send them again. Said once until a write succeeds")]
    private partial void LogFailed(Exception exception, int spans);

    /// <summary>A request's spans in the queue: taken by the writer, or left by whoever waited, never both.</summary>
    private sealed class Waiting(IReadOnlyList<SpanRecord> spans)
    {
        private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _gone;

        public int Count { get; } = spans.Count;

        public long Bytes { get; } = spans.Sum(span => (long)span.Bytes);

        public IReadOnlyList<SpanRecord> Spans { get; private set; } = spans;

        public bool TryTake() => Interlocked.Exchange(ref _gone, 1) == 0;

        public bool TryLeave()
        {
            if (Interlocked.Exchange(ref _gone, 1) != 0)
                return false;
            Spans = [];
            return true;
        }

        public Task Committed => _committed.Task;

        public void Settle(Exception? fault)
        {
            if (fault is null)
                _committed.TrySetResult();
            else
                _committed.TrySetException(fault);
        }
    }
}

/// <summary>A write that failed, in words for readers of the health report.</summary>
public sealed record WriteFault(DateTimeOffset At, string Reason);
