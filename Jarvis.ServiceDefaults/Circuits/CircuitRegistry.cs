using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>Every circuit of this process, by name: how it stands, and the hand on its switch.</summary>
public sealed partial class CircuitRegistry : IDisposable
{
    /// <summary>The meter: <c>jarvis.circuit.transitions</c> by <c>circuit</c> and <c>state</c>.</summary>
    public const string MeterName = "Jarvis.Circuits";

    private readonly ConcurrentDictionary<string, Circuit> _circuits = new(StringComparer.Ordinal);
    private readonly InstanceIdentity _own;
    private readonly TimeProvider _time;
    private readonly ILogger<CircuitRegistry> _logger;
    private readonly Meter _meter;
    private readonly Counter<long> _transitions;

    public CircuitRegistry(InstanceIdentity own, TimeProvider time, ILogger<CircuitRegistry> logger, IMeterFactory? meters = null)
    {
        (_own, _time, _logger) = (own, time, logger);
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _transitions = _meter.CreateCounter<long>("jarvis.circuit.transitions", "{transition}", "Changes of a circuit's state");
    }

    /// <summary>Called with each change of a circuit's state; be quick.</summary>
    public event EventHandler<CircuitChangedEventArgs>? Changed;

    /// <summary>Called when a circuit has been added.</summary>
    public event EventHandler? Added;

    internal IEnumerable<Circuit> Circuits => _circuits.Values;

    /// <summary>
    /// Takes the circuit that <paramref name="options"/> make into the registry: call it before they are given to a pipeline. A second circuit of the same name
    /// takes the first one's place.
    /// </summary>
    /// <param name="describe">What went wrong, in a few words without addresses; by default what HTTP says of it.</param>
    public void Watch<T>(string name, CircuitBreakerStrategyOptions<T> options, Func<Outcome<T>, string>? describe = null)
    {
        _circuits.GetOrAdd(name, Create).Attach(options, describe ?? Describe);
        Added?.Invoke(this, EventArgs.Empty);
    }

    public IReadOnlyList<CircuitReport> Reports() =>
        [.. _circuits.Values.OrderBy(circuit => circuit.Name, StringComparer.Ordinal).Select(circuit => circuit.Report())];

    /// <summary>Opens a circuit until it is reset.</summary>
    /// <param name="name">The circuit's.</param>
    /// <param name="reason">Why.</param>
    /// <param name="revision">Of the decision; 0 where there is none, and then it lasts as long as the process, or until the next one.</param>
    /// <param name="cancellationToken">Ends the wait for another change.</param>
    /// <returns>How it stands now; null when there is no circuit of this name here.</returns>
    public async Task<CircuitReport?> IsolateAsync(string name, string? reason, long revision, CancellationToken cancellationToken)
    {
        if (!_circuits.TryGetValue(name, out var circuit))
            return null;
        await circuit.IsolateAsync(reason, revision, cancellationToken);
        return circuit.Report();
    }

    /// <summary>Closes a circuit, whatever it was, and forgets its failures.</summary>
    /// <returns>How it stands now; null when there is no circuit of this name here.</returns>
    public async Task<CircuitReport?> ResetAsync(string name, long revision, CancellationToken cancellationToken)
    {
        if (!_circuits.TryGetValue(name, out var circuit))
            return null;
        await circuit.ResetAsync(revision, cancellationToken);
        return circuit.Report();
    }

    public void Dispose()
    {
        _meter.Dispose();
        foreach (var circuit in _circuits.Values)
            circuit.Dispose();
    }

    private Circuit Create(string name) => new(name, _own, _time, OnChanged);

    private static string Describe<T>(Outcome<T> outcome) => outcome switch
    {
        { Exception: TimeoutRejectedException } => "did not answer in time",
        { Exception: not null } => "cannot be reached",
        { Result: HttpResponseMessage response } => $"answered {(int)response.StatusCode}",
        _ => "failed",
    };

    private void OnChanged(Circuit circuit)
    {
        var report = circuit.Report();
        _transitions.Add(1, new("circuit", report.Name), new("state", report.State));
        if (report.State == CircuitStates.Open)
            LogOpen(report.Name, report.LastFailure, report.NextProbeAt);
        else
            LogChanged(report.Name, report.State);
        Changed?.Invoke(this, new(report));
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "The circuit of {Circuit} is open ({Reason}); next try {NextProbeAt}")]
    private partial void LogOpen(string circuit, string? reason, DateTimeOffset? nextProbeAt);

    [LoggerMessage(EventId = 31, Level = LogLevel.Information, Message = "The circuit of {Circuit} is {State}")]
    private partial void LogChanged(string circuit, string state);
}

/// <summary>A circuit's new state.</summary>
public sealed class CircuitChangedEventArgs(CircuitReport report) : EventArgs
{
    public CircuitReport Report { get; } = report;
}
