using Jarvis.ServiceDefaults.Registry;
using Polly;
using Polly.CircuitBreaker;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>One circuit of this process: what Polly says of it, and what it does not say (since when, until when, why).</summary>
internal sealed class Circuit(string name, InstanceIdentity own, TimeProvider time, Action<Circuit> changed)
{
    private const int MaxReason = 200;
    private readonly Lock _gate = new();
    private readonly CircuitBreakerManualControl _control = new();
    private CircuitBreakerStateProvider _state = new();
    private SlidingCounts _counts = new(TimeSpan.FromSeconds(30), time);
    private DateTimeOffset _since = time.GetUtcNow();
    private DateTimeOffset? _nextProbe;
    private DateTimeOffset _handledAt = DateTimeOffset.MinValue;
    private LastFailure? _lastFailure;
    private Isolation? _isolation;
    private long _moves;

    public string Name => name;

    /// <summary>When it was isolated or reset by hand last.</summary>
    public DateTimeOffset HandledAt
    {
        get
        {
            lock (_gate)
                return _handledAt;
        }
    }

    public bool IsIsolated => _isolation is not null;

    /// <summary>Whether it is isolated for as long as the others are, so that it ends for all at once.</summary>
    public bool IsHeld => _isolation is { Held: true };

    /// <summary>Takes part in what <paramref name="options"/> make; what they have of callbacks is still called.</summary>
    public void Attach<T>(CircuitBreakerStrategyOptions<T> options, Func<Outcome<T>, string> describe)
    {
        _state = options.StateProvider ??= new CircuitBreakerStateProvider();
        options.ManualControl = _control;
        var counts = _counts = new SlidingCounts(options.SamplingDuration, time);
        var (shouldHandle, opened, closed, halfOpened) = (options.ShouldHandle, options.OnOpened, options.OnClosed, options.OnHalfOpened);
        options.ShouldHandle = async args =>
        {
            var failed = await shouldHandle(args);
            if (failed)
                _lastFailure = new(Short(describe(args.Outcome)), time.GetUtcNow());
            if (failed || args.Outcome.Exception is not OperationCanceledException)
                counts.Add(failed);
            return failed;
        };
        options.OnOpened = args =>
        {
            Move(args.IsManual ? null : time.GetUtcNow() + args.BreakDuration);
            return opened?.Invoke(args) ?? default;
        };
        options.OnClosed = args =>
        {
            Move(null);
            return closed?.Invoke(args) ?? default;
        };
        options.OnHalfOpened = args =>
        {
            Move(null);
            return halfOpened?.Invoke(args) ?? default;
        };
    }

    /// <summary>No request is let through until <see cref="ResetAsync"/>.</summary>
    /// <param name="held">Whether it ends when the isolation is taken off for all replicas.</param>
    public Task IsolateAsync(string? reason, bool held, CancellationToken cancellationToken) =>
        HandAsync(new Isolation(reason is null ? null : Short(reason), held), _control.IsolateAsync, cancellationToken);

    public Task ResetAsync(CancellationToken cancellationToken) => HandAsync(null, _control.CloseAsync, cancellationToken);

    public CircuitReport Report()
    {
        var (failures, successes) = _counts.Sum();
        lock (_gate)
        {
            var state = State();
            return new(own.Service, own.Instance, name, state, failures, successes, (long)_counts.Window.TotalMilliseconds, _since,
                state == CircuitStates.Open ? _nextProbe : null, _lastFailure?.What, _lastFailure?.At, _isolation?.Reason);
        }
    }

    private string State() => _isolation is not null ? CircuitStates.Isolated : _state.CircuitState switch
    {
        CircuitState.Open => CircuitStates.Open,
        CircuitState.HalfOpen => CircuitStates.HalfOpen,
        CircuitState.Isolated => CircuitStates.Isolated,
        _ => CircuitStates.Closed,
    };

    private async Task HandAsync(Isolation? isolation, Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        string before;
        long moves;
        lock (_gate)
        {
            (before, moves) = (State(), _moves);
            _isolation = isolation;
            _handledAt = time.GetUtcNow();
        }
        if (isolation is not null && before == CircuitStates.Isolated)
            return;
        await act(cancellationToken);
        bool silent;
        lock (_gate)
            silent = moves == _moves && before != State();
        // Polly says nothing while no pipeline is built yet.
        if (silent)
            Move(null);
    }

    private void Move(DateTimeOffset? nextProbe)
    {
        lock (_gate)
        {
            _moves++;
            _since = time.GetUtcNow();
            _nextProbe = nextProbe;
        }
        changed(this);
    }

    private static string Short(string text) => text.Length <= MaxReason ? text : $"{text[..MaxReason]}…";

    private sealed record Isolation(string? Reason, bool Held);

    private sealed record LastFailure(string What, DateTimeOffset At);
}
