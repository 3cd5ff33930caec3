using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Jarvis.ServiceDefaults.Envelopes;
using Npgsql;

namespace Jarvis.Workflows.Tasks;

/// <summary>
/// One client's stream of one task, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): what was, what comes, and
/// <c>event: end</c> with the state in which the task ended.
/// </summary>
internal sealed class TaskEventsStream(
    ITaskEventsStore store, HttpResponse response, Channel<bool> signal, bool withDetails, TaskEventsOptions options, TimeProvider time)
{
    private static readonly TaskProgress Gone = new(TaskState.Unknown, []);

    private readonly ArrayBufferWriter<byte> _buffer = new(512);
    private long _written = time.GetTimestamp();

    /// <summary>Writes until the task ends, <paramref name="until"/> has come, or the token is cancelled.</summary>
    public async Task RunAsync(Guid task, TaskProgress first, long after, DateTimeOffset until, CancellationToken cancellationToken)
    {
        Comment("open");
        await FlushAsync(cancellationToken);
        for (var progress = first; ; progress = await LookAsync(task, after, cancellationToken))
        {
            if (ReferenceEquals(progress, Gone))
                return;
            foreach (var (id, line) in progress?.Events ?? [])
            {
                Event(null, id, withDetails ? line : line.WithoutDetail());
                after = id;
            }
            // The state and the history are of one moment, but of a long history one page.
            var ended = progress is { Status: var status } && status.IsFinished() && progress.Events.Count < TaskStore.MaxEvents;
            if (ended)
                Event("end", after, new { task_id = task, progress!.Status });
            else if (_buffer.WrittenCount == 0 && time.GetElapsedTime(_written) >= TimeSpan.FromSeconds(options.KeepAliveSeconds))
                Comment("alive");
            await FlushAsync(cancellationToken);
            if (ended || time.GetUtcNow() >= until)
                return;
            if (progress is not { Events.Count: TaskStore.MaxEvents })
                await WaitAsync(cancellationToken);
        }
    }

    /// <summary>Null when Postgres does not answer now: the stream lives on and looks again.</summary>
    private async Task<TaskProgress?> LookAsync(Guid task, long after, CancellationToken cancellationToken)
    {
        try
        {
            // A task that is pruned meanwhile had ended.
            return await store.AfterAsync(task, after, cancellationToken) ?? Gone;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return null;
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var poll = Task.Delay(TimeSpan.FromMilliseconds(options.PollMs), time, wait.Token);
        await Task.WhenAny(poll, signal.Reader.WaitToReadAsync(wait.Token).AsTask());
        await wait.CancelAsync();
        signal.Reader.TryRead(out _);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Event<T>(string? name, long id, T data)
    {
        if (name is not null)
            Write($"event: {name}\n");
        Write(string.Create(CultureInfo.InvariantCulture, $"id: {id}\ndata: "));
        // JSON escapes line ends, so it is one line.
        using (var json = new Utf8JsonWriter(_buffer))
            JsonSerializer.Serialize(json, data, JsonRules.Options);
        Write("\n\n");
    }

    private void Comment(string text) => Write($": {text}\n\n");

    private void Write(string text) => Encoding.UTF8.GetBytes(text, _buffer);

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_buffer.WrittenCount == 0)
            return;
        await response.Body.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        _buffer.ResetWrittenCount();
        _written = time.GetTimestamp();
    }
}
