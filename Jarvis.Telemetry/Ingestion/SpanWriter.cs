using System.Threading.Channels;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// Puts the spans of many requests into one transaction. A request hands in its spans and waits for their commit; one writer takes what
/// has gathered. When the queue is full, or the store is away, requests are told to come back: nothing piles up.
/// </summary>
public sealed partial class SpanWriter(ISpanSink sink, IOptions<IngestionOptions> options, TimeProvider time, ILogger<SpanWriter> logger) : BackgroundService
{
    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
    private long _queuedSpans;
    private volatile WriteFault? _fault;

    /// <summary>Spans that wait or are being written. Bounds the queue: <see cref="IngestionOptions.MaxQueuedSpans"/>.</summary>
    public long QueuedSpans => Interlocked.Read(ref _queuedSpans);

    /// <summary>Why the newest write failed; null when it did not.</summary>
    public WriteFault? Fault => _fault;

    /// <summary>Ends when <paramref name="spans"/> are committed.</summary>
    /// <exception cref="IngestionUnavailableException">Queue full, store away, or no commit in time (it may still come: sending again does no harm).</exception>
    /// <exception cref="SpansRefusedException">The store will never take them.</exception>
    public async Task WriteAsync(IReadOnlyList<SpanRecord> spans, CancellationToken cancellationToken)
    {
        if (spans.Count == 0)
            return;
        var queued = Interlocked.Add(ref _queuedSpans, spans.Count);
        var waiting = new Waiting(spans);
        if ((queued > options.Value.MaxQueuedSpans && queued > spans.Count) || !_queue.Writer.TryWrite(waiting))
        {
            Interlocked.Add(ref _queuedSpans, -spans.Count);
            throw new IngestionUnavailableException("The queue of spans is full. Try again shortly.");
        }
        try
        {
            await waiting.Committed.WaitAsync(TimeSpan.FromSeconds(options.Value.CommitTimeoutSeconds), time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new IngestionUnavailableException("The spans were not committed in time. Try again shortly.", exception);
        }
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
                await WriteAsync(TakeBatch(), stoppingToken);
            }
        }
        finally
        {
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryRead(out var left))
                Settle(left, new IngestionUnavailableException("Telemetry is shutting down. Try again shortly."));
        }
    }

    private List<Waiting> TakeBatch()
    {
        var batch = new List<Waiting>();
        var spans = 0;
        while (_queue.Reader.TryPeek(out var next) && (spans == 0 || spans + next.Spans.Count <= options.Value.MaxBatchSpans) && _queue.Reader.TryRead(out next))
        {
            batch.Add(next);
            spans += next.Spans.Count;
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
            // One request's spans must not take the others with them.
            foreach (var waiting in batch)
                await WriteAsync([waiting], stoppingToken);
        }
        catch (Exception exception)
        {
            var told = exception is IngestionUnavailableException or SpansRefusedException
                ? exception
                : new IngestionUnavailableException("The spans could not be stored. Try again shortly.", exception);
            if (!stoppingToken.IsCancellationRequested)
            {
                if (_fault is null)
                    LogFailed(exception, batch.Sum(waiting => waiting.Spans.Count));
                _fault = new WriteFault(time.GetUtcNow(), told.Message);
            }
            batch.ForEach(waiting => Settle(waiting, told));
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    private void Settle(Waiting waiting, Exception? fault = null)
    {
        Interlocked.Add(ref _queuedSpans, -waiting.Spans.Count);
        waiting.Settle(fault);
    }

    [LoggerMessage(EventId = 100, Level = LogLevel.Warning, Message = "{Spans} spans could not be stored; their exporters are asked to send them again. Said once until a write succeeds")]
    private partial void LogFailed(Exception exception, int spans);

    private sealed class Waiting(IReadOnlyList<SpanRecord> spans)
    {
        private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<SpanRecord> Spans { get; } = spans;

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
