using System.Threading.Channels;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.Workflows.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.Workflows.Tests.Worker;

/// <summary>The runner as the service puts it together, over a row that the test writes; what it tells the other processes is kept.</summary>
internal sealed class WorkerRig : IAsyncDisposable, IEventLog
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;
    private readonly EventPublisher _publisher;
    private readonly Channel<string> _news = Channel.CreateUnbounded<string>();

    public WorkerRig(string n8n, params string[] settings)
    {
        _app = WorkflowsApp.Create(
            [
                "--ConnectionStrings:redis=127.0.0.1:1,abortConnect=false", "--ConnectionStrings:jarvisdb=Host=127.0.0.1;Port=1;Username=nobody",
                $"--N8n:BaseUrl={n8n}", "--N8n:BaseDelayMs=10", "--Worker:LeaseSeconds=2", .. settings,
            ],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.RemoveAll<IHostedService>();
                builder.Services.AddSingleton<ITaskLeases>(Leases);
                builder.Services.AddSingleton<IEventLog>(this);
            });
        _publisher = _app.Services.GetRequiredService<EventPublisher>();
    }

    public FakeLeases Leases { get; } = new();

    /// <summary>The process's patience ends with this.</summary>
    public CancellationTokenSource Abort { get; } = new();

    public async Task<Task> StartAsync()
    {
        await _publisher.StartAsync(CancellationToken.None);
        var claim = new TaskClaim(
            Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), 1, "workflow.trigger", null, null, new("POST", "orders"), "{}", "of-the-test", null, 0, TimeSpan.Zero);
        return _app.Services.GetRequiredService<TaskRunner>().RunAsync(claim, Abort.Token).WaitAsync(Limit);
    }

    /// <summary>Waits for the next renewal of the lease.</summary>
    public async Task RenewedAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await Leases.Renewed.Reader.ReadAsync(limit.Token);
    }

    /// <summary>The next event that the other processes hear.</summary>
    public async Task<string> NewsAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        return await _news.Reader.ReadAsync(limit.Token);
    }

    /// <summary>Whether anything was told that nobody has read; once all was told.</summary>
    public bool HasNews => _news.Reader.TryPeek(out _);

    /// <summary>What was told is with the others, and nothing more will be.</summary>
    public Task StopTellingAsync() => _publisher.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopTellingAsync();
        Abort.Dispose();
        await _app.DisposeAsync();
    }

    Task IEventLog.AppendAsync(EventDraft draft, CancellationToken cancellationToken)
    {
        _news.Writer.TryWrite(draft.Json);
        return Task.CompletedTask;
    }

    Task<EventPage> IEventLog.ReadAsync(long after, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IEventLog.SubscribeAsync(Action<LoggedEvent> handler) => throw new NotSupportedException();

    Task IEventLog.WatchGapsAsync(Action missed, CancellationToken cancellationToken) => throw new NotSupportedException();
}
