using System.Collections.Concurrent;
using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Messaging;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>Questions to other processes over Redis, and their answers. Losing one of either means that the instance counts as unreachable.</summary>
public sealed class ControlBus(MessageBus bus, InstanceIdentity own, TimeProvider time)
{
    /// <summary>Where every process listens.</summary>
    public const string Topic = "jarvis.control";

    private readonly ConcurrentDictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    /// <summary>Where the answers to this process come in.</summary>
    public string ReplyTopic => ReplyTopicOf(own.Instance);

    /// <summary>Set once both topics are subscribed to.</summary>
    public bool IsListening { get; internal set; }

    public static string ReplyTopicOf(string instance) => $"{Topic}.reply.{instance}";

    /// <summary>Asks <paramref name="instances"/> and waits until all have answered, or for <paramref name="limit"/>.</summary>
    /// <returns>The answers that came in time; null when Redis did not take the question.</returns>
    public async Task<IReadOnlyList<ControlReply>?> AskAsync(
        string kind, object? args, IReadOnlyCollection<InstanceIdentity> instances, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!IsListening)
            return null;
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        var waiting = _waiting[id] = new Waiting([.. instances.Select(instance => instance.Instance)]);
        try
        {
            var request = new ControlRequest(id, own.Instance, [.. waiting.Expected], kind, args is null ? null : JsonSerializer.SerializeToElement(args, JsonRules.Options));
            if (!await bus.PublishAsync(Topic, request, cancellationToken))
                return null;
            await Task.WhenAny(waiting.All.Task, Task.Delay(limit, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            return [.. waiting.Replies.Values];
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Whether a question means this process.</summary>
    internal bool IsFor(ControlRequest request) => request.To.Contains(own.Instance, StringComparer.Ordinal);

    internal Task AnswerAsync(ControlRequest request, ControlReply reply, CancellationToken cancellationToken) =>
        bus.PublishAsync(ReplyTopicOf(request.From), reply, cancellationToken);

    internal void Take(ControlReply reply)
    {
        if (_waiting.TryGetValue(reply.Id, out var waiting) && waiting.Expected.Contains(reply.Instance)
            && waiting.Replies.TryAdd(reply.Instance, reply) && waiting.Replies.Count == waiting.Expected.Count)
        {
            waiting.All.TrySetResult();
        }
    }

    private sealed record Waiting(HashSet<string> Expected)
    {
        public ConcurrentDictionary<string, ControlReply> Replies { get; } = new(StringComparer.Ordinal);

        public TaskCompletionSource All { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
