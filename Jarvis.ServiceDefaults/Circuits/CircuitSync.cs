using System.Threading.Channels;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>A circuit's new state, as the event <c>circuit</c> tells it.</summary>
public sealed record CircuitNews(string Service, string Instance, string Name, string State, DateTimeOffset Since, string? Reason);

/// <summary>
/// Keeps this process' circuits as an operator decided, whenever the process started, and tells the others how its circuits change. While nobody says what was
/// decided, each stays as it is: only a decision ends one.
/// </summary>
internal sealed partial class CircuitSync : BackgroundService
{
    /// <summary>The type of the event that tells of a change.</summary>
    public const string EventType = "circuit";

    /// <summary>Between two looks at what was decided: how late a lost command is made up for.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly CircuitRegistry _circuits;
    private readonly ICircuitDecisions _decisions;
    private readonly InstanceIdentity _own;
    private readonly EventPublisher _events;
    private readonly TimeProvider _time;
    private readonly ILogger<CircuitSync> _logger;
    private bool _failing;

    private readonly Channel<bool> _look = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public CircuitSync(
        CircuitRegistry circuits, ICircuitDecisions decisions, InstanceIdentity own, EventPublisher events, TimeProvider time, ILogger<CircuitSync> logger)
    {
        (_circuits, _decisions, _own, _events, _time, _logger) = (circuits, decisions, own, events, time, logger);
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
        using var untraced = SuppressInstrumentationScope.Begin();
        await LookAsync(stoppingToken);
    }

    /// <summary>Isolates what is to be isolated here, and ends what no longer is.</summary>
    internal async Task ApplyAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _decisions.ReadAsync(cancellationToken) is not { } decisions)
                return;
            var here = decisions.ToDictionary(decision => decision.Circuit, StringComparer.Ordinal);
            foreach (var circuit in _circuits.Circuits)
            {
                if (here.GetValueOrDefault(CircuitDecision.Key(_own.Service, circuit.Name)) is { } decision)
                    await circuit.FollowAsync(decision, cancellationToken);
            }
            _failing = false;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type: the next look tries again, and this must not end the process.
            if (!_failing)
                LogFailed(exception);
            _failing = true;
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        Task? asked = null;
        while (true)
        {
            await ApplyAsync(stoppingToken);
            // One wait for the next circuit, however many looks it takes: the channel would keep each.
            asked ??= _look.Reader.WaitToReadAsync(stoppingToken).AsTask();
            await Task.WhenAny(Task.Delay(Interval, _time, stoppingToken), asked);
            stoppingToken.ThrowIfCancellationRequested();
            if (asked.IsCompleted)
                asked = null;
            _look.Reader.TryRead(out _);
        }
    }

    private void OnChanged(object? sender, CircuitChangedEventArgs change) =>
        _events.Publish(EventType, new CircuitNews(
            change.Report.Service, change.Report.Instance, change.Report.Name, change.Report.State, change.Report.Since, change.Report.Reason ?? change.Report.LastFailure));

    private void OnAdded(object? sender, EventArgs nothing) => _look.Writer.TryWrite(true);

    [LoggerMessage(EventId = 32, Level = LogLevel.Warning, Message = "What was decided about circuits could not be followed; each stays as it is. Said once; tried again every few seconds")]
    private partial void LogFailed(Exception exception);
}
