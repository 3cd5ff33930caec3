using System.Threading.Channels;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>A circuit's new state, as it is told on <c>jarvis.circuit</c>.</summary>
public sealed record CircuitNews(string Service, string Instance, string Name, string State, DateTimeOffset Since, string? Reason);

/// <summary>
/// Keeps this process' circuits isolated for as long as Redis says so, whenever the process started, and tells the others how its circuits change. Without
/// Redis each stays as it is.
/// </summary>
internal sealed class CircuitSync : BackgroundService
{
    /// <summary>Where changes are told.</summary>
    public const string Topic = "jarvis.circuit";

    /// <summary>Between two looks at what is isolated: how late a lost command is made up for.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly CircuitRegistry _circuits;
    private readonly CircuitHolds _holds;
    private readonly InstanceIdentity _own;
    private readonly MessageBus _bus;
    private readonly TimeProvider _time;

    // Old news is what nobody needs.
    private readonly Channel<CircuitReport> _news = Channel.CreateBounded<CircuitReport>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly Channel<bool> _look = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public CircuitSync(CircuitRegistry circuits, CircuitHolds holds, InstanceIdentity own, MessageBus bus, TimeProvider time)
    {
        (_circuits, _holds, _own, _bus, _time) = (circuits, holds, own, bus, time);
        circuits.Changed += OnChanged;
        circuits.Added += OnAdded;
    }

    public override void Dispose()
    {
        _circuits.Changed -= OnChanged;
        _circuits.Added -= OnAdded;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        await Task.WhenAll(TellAsync(stoppingToken), LookAsync(stoppingToken));
    }

    /// <summary>Isolates what is to be isolated here, and ends what no longer is.</summary>
    internal async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var asked = _time.GetUtcNow();
        if (await _holds.ReadAsync(cancellationToken) is not { } holds)
            return;
        foreach (var circuit in _circuits.Circuits)
        {
            var hold = holds.GetValueOrDefault(CircuitHolds.Key(_own.Service, circuit.Name));
            // What was commanded since Redis was asked is newer than its answer.
            if (circuit.HandledAt >= asked || (hold is not null) == circuit.IsIsolated)
                continue;
            if (hold is not null)
                await circuit.IsolateAsync(hold.Reason, held: true, cancellationToken);
            else if (circuit.IsHeld)
                await circuit.ResetAsync(cancellationToken);
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await ApplyAsync(stoppingToken);
            await Task.WhenAny(Task.Delay(Interval, _time, stoppingToken), _look.Reader.WaitToReadAsync(stoppingToken).AsTask());
            stoppingToken.ThrowIfCancellationRequested();
            _look.Reader.TryRead(out _);
        }
    }

    private async Task TellAsync(CancellationToken stoppingToken)
    {
        await foreach (var report in _news.Reader.ReadAllAsync(stoppingToken))
            await _bus.PublishAsync(Topic, new CircuitNews(report.Service, report.Instance, report.Name, report.State, report.Since, report.Reason ?? report.LastFailure), stoppingToken);
    }

    private void OnChanged(object? sender, CircuitChangedEventArgs change) => _news.Writer.TryWrite(change.Report);

    private void OnAdded(object? sender, EventArgs nothing) => _look.Writer.TryWrite(true);
}
