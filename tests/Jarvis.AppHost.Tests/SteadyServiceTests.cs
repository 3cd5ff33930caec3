using Aspire.Hosting.ApplicationModel;
using Jarvis.AppHost.Running;
using Microsoft.Extensions.Logging.Abstractions;

namespace Jarvis.AppHost.Tests;

public sealed class SteadyServiceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Service_ThatThrows_GoesOnAndDoesNotEndTheHost()
    {
        using var service = new Failing();

        await service.StartAsync(CancellationToken.None);

        await service.Again.Task.WaitAsync(Limit);
        Assert.False(service.ExecuteTask!.IsFaulted);
        await service.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Restart_ThatThrowsOrFails_IsTriedAgainUntilItSucceeds()
    {
        var tries = 0;
        var restarter = new Restarter((_, _) => ++tries switch
        {
            1 => throw new InvalidOperationException("The orchestrator does not answer."),
            2 => Task.FromResult(CommandResults.Failure("Not now.")),
            3 => throw new OperationCanceledException("A time limit, not the end of Jarvis."),
            _ => Task.FromResult(CommandResults.Success()),
        }, TimeProvider.System, NullLogger.Instance);

        await restarter.RunAsync("catalog", exitCode: 139, static () => TimeSpan.Zero, CancellationToken.None).WaitAsync(Limit);

        Assert.Equal(4, tries);
    }

    [Fact]
    public async Task Restart_WhileJarvisStops_Ends()
    {
        using var stopping = new CancellationTokenSource();
        var restarter = new Restarter((_, _) =>
        {
            stopping.Cancel();
            throw new InvalidOperationException("It stops.");
        }, TimeProvider.System, NullLogger.Instance);

        await Assert.ThrowsAnyAsync<Exception>(() => restarter.RunAsync("catalog", exitCode: 0, static () => TimeSpan.Zero, stopping.Token)
            .WaitAsync(Limit));
    }

    private sealed class Failing() : SteadyService(TimeProvider.System, NullLogger.Instance)
    {
        private int _runs;

        public TaskCompletionSource Again { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task RunAsync(CancellationToken stoppingToken)
        {
            if (++_runs == 1)
                throw new InvalidDataException("Nobody has thought of this.");
            Again.SetResult();
            return Task.Delay(Timeout.Infinite, stoppingToken);
        }
    }
}
