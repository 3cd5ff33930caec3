using System.Threading.Channels;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>A circuit's new state, as the event <c>circuit</c> tells it.</summary>
public sealed record CircuitNews(string Service, string Instance, string Name, string State, DateTimeOffset Since, string? Reason);

/// <summary>
/// Keeps this process' circuits isolated for as long as Redis says so, whenever the process started, and tells the others how its circuits change. Without
/// Redis each stays as it is.
/// </summary>
internal sealed class CircuitSync : BackgroundService
{
    /// <summary>The type of the event that tells of a change.</summary>
    public const string EventType = "circuit";

    /// <summary>Between two looks at what is isolated: how late a lost command is made up for.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly CircuitRegistry _circuits;
    private readonly CircuitHolds _holds;
    private readonly InstanceIdentity _own;
    private readonly EventPublisher _events;
    private readonly TimeProvider _time;

    private readonly Channel<bool> _look = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public CircuitSync(CircuitRegistry circuits, CircuitHolds holds, InstanceIdentity own, EventPublisher events, TimeProvider time)
    {
        (_circuits, _holds, _own, _events, _time) = (circuits, holds, own, events, time);
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
        await LookAsync(stoppingToken);
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

    private void OnChanged(object? sender, CircuitChangedEventArgs change) =>
        _events.Publish(EventType, new CircuitNews(
            change.Report.Service, change.Report.Instance, change.Report.Name, change.Report.State, change.Report.Since, change.Report.Reason ?? change.Report.LastFailure));

    private void OnAdded(object? sender, EventArgs nothing) => _look.Writer.TryWrite(true);
}
