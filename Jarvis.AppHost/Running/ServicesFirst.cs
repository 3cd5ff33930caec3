using Jarvis.AppHost.Embedded;
using Jarvis.AppHost.Services;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Running;

/// <summary>
/// Stops the services before the servers that they write to. Aspire's orchestrator stops all at once, and a PostgreSQL that was told to
/// stop takes no new session: how far a task had come could not be written down any more.
/// </summary>
sealed partial class ServicesFirst(
    DistributedApplicationModel model, ResourceCommandService commands, ProcessLedger ledger, IEnumerable<IEmbeddedServer> servers,
        ILogger<ServicesFirst> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ServiceExtensions.KilledAfter + TimeSpan.FromSeconds(1));
        try
        {
            await Task.WhenAll(model.Parts().OfType<ProjectResource>().Select(service => EndAsync(service, deadline.Token)));
        }
        catch (OperationCanceledException)
        {
            // The orchestrator, or whoever comes after it, kills what is left.
        }

        foreach (var server in servers)
            server.StopSoon();
    }

    async Task EndAsync(ProjectResource service, CancellationToken cancellationToken)
    {
        var processes = ledger.Running.Where(entry => entry.IsOf(service.Name)).ToArray();
        try
        {
            await commands.ExecuteCommandAsync(service, KnownResourceCommands.StopCommand, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotStopped(error, service.Name);
            return;
        }

        foreach (var entry in processes)
        {
            using var process = entry.Find();
            if (process is not null)
                await process.WaitForExitAsync(cancellationToken);
        }
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "{Service} could not be stopped before the servers; it stops "
        + "together with them")]
    private partial void LogNotStopped(Exception exception, string service);
}
