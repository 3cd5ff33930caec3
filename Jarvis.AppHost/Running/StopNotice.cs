using Microsoft.Extensions.Hosting;

namespace Jarvis.AppHost.Running;

/// <summary>Says what a stop waits for, as long as it takes longer than a moment.</summary>
sealed class StopNotice(ProcessLedger ledger, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedService, IAsyncDisposable
{
    static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    ITimer? _timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() =>
        {
            Console.Out.WriteLine("Stopping.");
            _timer = time.CreateTimer(_ => Say(), state: null, FirstAfter, Every);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync();
    }

    void Say()
    {
        string[] running = [.. ledger.Running.Select(entry => $"{entry.Resource} (process {entry.ProcessId})")];
        if (running.Length > 0)
            Console.Out.WriteLine($"Waiting for {string.Join(", ", running)} to end.");
    }
}
