using Jarvis.Telemetry.Ingestion;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Jarvis.Telemetry.Tests.Ingestion;

public sealed class SpanWriterTests : IAsyncDisposable
{
    private readonly FakeSink _sink = new();
    private SpanWriter? _writer;

    [Fact]
    public async Task Write_BeforeTheCommit_DoesNotEnd()
    {
        var writer = await StartAsync(new());
        var write = writer.WriteAsync([Samples.Record()], default);
        await _sink.StartedAsync();
        Assert.False(write.IsCompleted);

        _sink.Commit();
        await write;

        Assert.Single(_sink.Committed);
        Assert.Equal(0, writer.QueuedSpans);
    }

    [Fact]
    public async Task Write_WhileAnotherCommits_IsBatched()
    {
        var writer = await StartAsync(new() { LingerMs = 0, MaxBatchSpans = 3 });
        var first = writer.WriteAsync([Samples.Record(1)], default);
        Assert.Equal(1, await _sink.StartedAsync());
        Task[] others = [.. Enumerable.Range(2, 4).Select(number => writer.WriteAsync([Samples.Record((byte)number)], default))];

        _sink.Commit(3);

        Assert.Equal(3, await _sink.StartedAsync());
        Assert.Equal(1, await _sink.StartedAsync());
        await Task.WhenAll([first, .. others]);
    }

    [Fact]
    public async Task Write_WithAFullQueue_IsUnavailableAtOnce()
    {
        var writer = await StartAsync(new() { LingerMs = 0, MaxQueuedSpans = 2 });
        var held = writer.WriteAsync([Samples.Record(1), Samples.Record(2)], default);
        await _sink.StartedAsync();

        await Assert.ThrowsAsync<IngestionUnavailableException>(() => writer.WriteAsync([Samples.Record(3)], default));

        _sink.Commit();
        await held;
        _sink.Commit();
        await writer.WriteAsync([Samples.Record(3)], default);
    }

    [Fact]
    public async Task Write_WithTheStoreAway_IsUnavailableAndThenRecovers()
    {
        var writer = await StartAsync(new() { LingerMs = 0 });
        var check = new WriterCheck(writer, TimeProvider.System);
        _sink.Fail(new IngestionUnavailableException("Postgres does not answer."));
        await Assert.ThrowsAsync<IngestionUnavailableException>(() => writer.WriteAsync([Samples.Record()], default));
        Assert.Equal(HealthStatus.Degraded, (await check.CheckHealthAsync(new())).Status);

        _sink.Commit();
        await writer.WriteAsync([Samples.Record()], default);

        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new())).Status);
    }

    [Fact]
    public async Task Write_BesideSpansThatAreRefused_IsCommitted()
    {
        var writer = await StartAsync(new() { LingerMs = 0 });
        var first = writer.WriteAsync([Samples.Record(1)], default);
        await _sink.StartedAsync();
        var bad = writer.WriteAsync([Samples.Record(2)], default);
        var good = writer.WriteAsync([Samples.Record(3)], default);

        _sink.Commit();
        _sink.Fail(new SpansRefusedException("both"));
        _sink.Fail(new SpansRefusedException("the bad one"));
        _sink.Commit();

        await first;
        await Assert.ThrowsAsync<SpansRefusedException>(() => bad);
        await good;
        Assert.Equal([1, 3], _sink.Committed.Select(span => span.SpanId[0]));
    }

    [Fact]
    public async Task Write_WithoutACommitInTime_IsUnavailable()
    {
        var writer = await StartAsync(new() { LingerMs = 0, CommitTimeoutSeconds = 1 });
        await Assert.ThrowsAsync<IngestionUnavailableException>(() => writer.WriteAsync([Samples.Record()], default));
    }

    [Fact]
    public async Task Write_BeyondTheBytes_IsUnavailableAtOnce()
    {
        var large = Samples.Record(2) with { Attributes = new byte[1_048_576] };
        var writer = await StartAsync(new() { LingerMs = 0, MaxQueuedBytes = 1_048_576 });
        var held = writer.WriteAsync([Samples.Record(1)], default);
        await _sink.StartedAsync();

        await Assert.ThrowsAsync<IngestionUnavailableException>(() => writer.WriteAsync([large], default));

        _sink.Commit();
        await held;
        Assert.Equal((0, 0), (writer.QueuedSpans, writer.QueuedBytes));
        _sink.Commit();
        await writer.WriteAsync([large], default);
    }

    [Fact]
    public async Task Write_ThatNobodyWaitsForAnyMore_LeavesTheQueueAndIsNotStored()
    {
        var writer = await StartAsync(new() { LingerMs = 0 });
        var held = writer.WriteAsync([Samples.Record(1)], default);
        await _sink.StartedAsync();
        var (spans, bytes) = (writer.QueuedSpans, writer.QueuedBytes);
        using var gone = new CancellationTokenSource();
        var left = writer.WriteAsync([Samples.Record(2), Samples.Record(3)], gone.Token);
        Assert.Equal(spans + 2, writer.QueuedSpans);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal((spans, bytes), (writer.QueuedSpans, writer.QueuedBytes));
        var next = writer.WriteAsync([Samples.Record(4)], default);
        _sink.Commit(2);
        await Task.WhenAll(held, next);
        Assert.Equal([1, 4], _sink.Committed.Select(span => span.SpanId[0]));
    }

    [Fact]
    public async Task Write_OfManyBytes_IsBatchedByThem()
    {
        var large = Samples.Record(2) with { Attributes = new byte[700_000] };
        var writer = await StartAsync(new() { LingerMs = 0, MaxBatchBytes = 1_048_576 });
        var first = writer.WriteAsync([Samples.Record(1)], default);
        Assert.Equal(1, await _sink.StartedAsync());
        Task[] others = [.. Enumerable.Range(0, 2).Select(_ => writer.WriteAsync([large, Samples.Record(3)], default))];

        _sink.Commit(3);

        Assert.Equal((2, 2), (await _sink.StartedAsync(), await _sink.StartedAsync()));
        await Task.WhenAll([first, .. others]);
    }

    [Fact]
    public async Task Stop_BetweenTheRequestsOfABatch_TellsTheRest()
    {
        var writer = await StartAsync(new() { LingerMs = 0 });
        var first = writer.WriteAsync([Samples.Record(1)], default);
        await _sink.StartedAsync();
        Task[] batch = [.. Enumerable.Range(2, 3).Select(number => writer.WriteAsync([Samples.Record((byte)number)], default))];
        _sink.Commit();
        _sink.Fail(new SpansRefusedException("one of them"));
        Assert.Equal(3, await _sink.StartedAsync());
        Assert.Equal(1, await _sink.StartedAsync());

        await writer.StopAsync(default);

        await first;
        foreach (var waiting in batch)
            await Assert.ThrowsAsync<IngestionUnavailableException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.Equal((0, 0), (writer.QueuedSpans, writer.QueuedBytes));
    }

    [Fact]
    public async Task Stop_WithSpansInTheQueue_TellsTheirSenders()
    {
        var writer = await StartAsync(new() { LingerMs = 0 });
        var held = writer.WriteAsync([Samples.Record(1)], default);
        await _sink.StartedAsync();
        var queued = writer.WriteAsync([Samples.Record(2)], default);

        await writer.StopAsync(default);

        await Assert.ThrowsAsync<IngestionUnavailableException>(() => held);
        await Assert.ThrowsAsync<IngestionUnavailableException>(() => queued);
        await Assert.ThrowsAsync<IngestionUnavailableException>(() => writer.WriteAsync([Samples.Record(3)], default));
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is null)
            return;
        await _writer.StopAsync(default);
        _writer.Dispose();
    }

    private async Task<SpanWriter> StartAsync(IngestionOptions options)
    {
        _writer = new SpanWriter(_sink, Options.Create(options), TimeProvider.System, NullLogger<SpanWriter>.Instance);
        await _writer.StartAsync(default);
        return _writer;
    }
}
