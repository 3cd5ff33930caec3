using System.Net.Sockets;
using Jarvis.Gateway.Audit;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Jarvis.Gateway.Tests.Audit;

/// <summary>Entries that wait are written in batches, all of them at a stop, and a broken one alone is lost.</summary>
public sealed class AuditQueueTests
{
    [Fact]
    public async Task Entries_AreWritten_InBatchesAndInOrder()
    {
        var rows = new Rows();
        var queue = new AuditQueue(rows, TimeProvider.System, NullLogger.Instance, 1_000);
        Assert.All(Enumerable.Range(0, 500), i => Assert.True(queue.TryAdd(Row(i))));
        using var stop = new CancellationTokenSource();
        rows.After(500, stop.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.RunAsync(stop.Token));
        Assert.Equal(3, rows.Batches);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), rows.Written);
    }

    [Fact]
    public async Task FullQueue_TakesNoMore_AndAStopWritesWhatItHas()
    {
        var rows = new Rows();
        var queue = new AuditQueue(rows, TimeProvider.System, NullLogger.Instance, 3);
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(i => queue.TryAdd(Row(i))));
        await queue.DrainAsync();
        Assert.Equal(["0", "1", "2"], rows.Written);
    }

    [Fact]
    public async Task Entry_ThatCannotBeWritten_TakesNoOtherWithIt()
    {
        var rows = new Rows { Broken = "1" };
        var queue = new AuditQueue(rows, TimeProvider.System, NullLogger.Instance, 10);
        for (var i = 0; i < 3; i++)
            queue.TryAdd(Row(i));
        await queue.DrainAsync();
        Assert.Equal(["0", "2"], rows.Written);
    }

    [Fact]
    public async Task Postgres_ThatIsAwayForAMoment_IsWaitedFor()
    {
        var rows = new Rows { Failures = new Queue<Exception>([new NpgsqlException("gone", new SocketException(111))]) };
        var queue = new AuditQueue(rows, TimeProvider.System, NullLogger.Instance, 10);
        queue.TryAdd(Row(0));
        using var stop = new CancellationTokenSource();
        rows.After(1, stop.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.RunAsync(stop.Token)).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(["0"], rows.Written);
    }

    private static AuditRow Row(int number) =>
        AuditRow.New(new("task.trigger", AuditLog.Success) { Target = $"{number}" }, new(null, null, null), TimeProvider.System);

    private sealed class Rows : IAuditRows
    {
        private (int Count, Action Then) _after = (-1, () => { });

        public List<string?> Written { get; } = [];

        public int Batches { get; private set; }

        public string? Broken { get; init; }

        public Queue<Exception> Failures { get; init; } = [];

        public void After(int count, Action then) => _after = (count, then);

        public Task WriteAsync(IReadOnlyList<AuditRow> rows, CancellationToken cancellationToken)
        {
            if (Failures.TryDequeue(out var failure))
                return Task.FromException(failure);
            if (rows.Any(row => row.Entry.Target == Broken))
                return Task.FromException(new InvalidOperationException("This one is broken."));
            Written.AddRange(rows.Select(row => row.Entry.Target));
            Batches++;
            if (Written.Count >= _after.Count && _after.Count > 0)
                _after.Then();
            return Task.CompletedTask;
        }
    }
}
