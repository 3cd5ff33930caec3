using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Tests;

/// <summary>What becomes of a process when its background work fails.</summary>
public sealed class BackgroundWorkTests
{
    [Fact]
    public async Task Work_ThatDiesOfADefect_EndsTheProcess()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Services.AddHostedService<Defective>();
        using var host = builder.Build();
        Assert.Equal(BackgroundServiceExceptionBehavior.StopHost, host.Services.GetRequiredService<IOptions<HostOptions>>().Value.BackgroundServiceExceptionBehavior);
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await host.StartAsync();
        await stopping.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Decisions_ThatCannotBeRead_WhateverTheReason_AreReadAgain()
    {
        var own = new InstanceIdentity("workflows", "0a1b2c3d", "1", DateTimeOffset.UnixEpoch);
        using var circuits = new CircuitRegistry(own, TimeProvider.System, NullLogger<CircuitRegistry>.Instance);
        using var events = new EventPublisher(new NoLog(), TimeProvider.System, NullLogger<EventPublisher>.Instance);
        var decisions = new FailingDecisions();
        using var sync = new CircuitSync(circuits, decisions, own, events, TimeProvider.System, NullLogger<CircuitSync>.Instance);
        await sync.ApplyAsync(CancellationToken.None);
        await sync.ApplyAsync(CancellationToken.None);
        Assert.Equal(2, decisions.Asked);
    }

    private sealed class Defective : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new InvalidDataException("a defect");
        }
    }

    private sealed class FailingDecisions : ICircuitDecisions
    {
        public int Asked { get; private set; }

        public Task<IReadOnlyList<CircuitDecision>?> ReadAsync(CancellationToken cancellationToken) =>
            Asked++ == 0 ? throw new OperationCanceledException("not of the host") : throw new System.Net.Sockets.SocketException();
    }

    private sealed class NoLog : IEventLog
    {
        public Task AppendAsync(EventDraft draft, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<EventPage> ReadAsync(long after, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task SubscribeAsync(Action<LoggedEvent> handler) => throw new NotSupportedException();

        public Task WatchGapsAsync(Action missed, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
