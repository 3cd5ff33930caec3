using System.Diagnostics;
using System.Threading.Channels;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Messaging;

namespace Jarvis.Workflows.Tasks;

/// <summary>What a status change says on <see cref="TaskNews.Topic"/>.</summary>
public sealed record TaskChanged(Guid TaskId, string Kind, TaskState Status, string? WorkflowId, string? WorkflowName, int Attempt, string? ErrorCode);

/// <summary>
/// Tells the other processes of status changes, aside from the work itself: Redis being slow or gone delays nobody, and when more than
/// <see cref="Capacity"/> changes wait the oldest go (readers then learn them from Postgres).
/// </summary>
public sealed class TaskNews(MessageBus bus) : BackgroundService
{
    public const string Topic = "jarvis.task";
    public const int Capacity = 1_024;

    private static readonly ActivitySource Source = new("Jarvis.Workflows");

    private readonly Channel<Item> _channel = Channel.CreateBounded<Item>(new BoundedChannelOptions(Capacity)
    {
        FullMode = BoundedChannelFullMode.DropOldest,
        SingleReader = true,
    });

    public void Publish(TaskChanged change) =>
        _channel.Writer.TryWrite(new(change, CorrelationId.Current, Activity.Current?.Context ?? default));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var item in _channel.Reader.ReadAllAsync(stoppingToken))
            await PublishAsync(item, stoppingToken);
    }

    private async Task PublishAsync(Item item, CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity("task changed", ActivityKind.Producer, item.Parent);
        using var correlation = item.CorrelationId is { } id ? CorrelationId.Use(id) : null;
        await bus.PublishAsync(Topic, item.Change, cancellationToken);
    }

    private sealed record Item(TaskChanged Change, string? CorrelationId, ActivityContext Parent);
}
