using Jarvis.ServiceDefaults.Registry;
using Polly;
using Polly.CircuitBreaker;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>One circuit of this process: what Polly says of it, and what it does not say (since when, until when, why).</summary>
internal sealed class Circuit(string name, InstanceIdentity own, TimeProvider time, Action<Circuit> changed) : IDisposable
{
    private const int MaxReason = 200;
    private readonly Lock _gate = new();

    // Around the whole of a change by hand: two that cross would leave Polly with the one's state, and this with the other's.
    private readonly SemaphoreSlim _handing = new(1, 1);
    private readonly CircuitBreakerManualControl _control = new();
    private CircuitBreakerStateProvider _state = new();
    private SlidingCounts _counts = new(TimeSpan.FromSeconds(30), time);
    private DateTimeOffset _since = time.GetUtcNow();
    private DateTimeOffset? _nextProbe;
    private LastFailure? _lastFailure;
    private Isolation? _isolation;
    private long _revision;
    private long _moves;

    public string Name => name;

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
    /// <param name="reason">Why.</param>
    /// <param name="revision">Of the decision (<see cref="CircuitDecision"/>); what is older than one that is known already is not done. 0: of none.</param>
    /// <param name="cancellationToken">Ends the wait for another change.</param>
    public Task IsolateAsync(string? reason, long revision, CancellationToken cancellationToken) =>
        HandAsync(new Isolation(reason is null ? null : Short(reason)), revision, isCommand: true, cancellationToken);

    /// <summary>Closes it, whatever it was.</summary>
    /// <inheritdoc cref="IsolateAsync"/>
    public Task ResetAsync(long revision, CancellationToken cancellationToken) => HandAsync(null, revision, isCommand: true, cancellationToken);

    /// <summary>Does what was decided, if that is news: isolates, or ends an isolation. A circuit that opened by itself stays open.</summary>
    public Task FollowAsync(CircuitDecision decision, CancellationToken cancellationToken) =>
        HandAsync(decision.Isolated ? new Isolation(decision.Reason is null ? null : Short(decision.Reason)) : null, decision.Revision, isCommand: false, cancellationToken);

    public void Dispose() => _handing.Dispose();

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

    private async Task HandAsync(Isolation? isolation, long revision, bool isCommand, CancellationToken cancellationToken)
    {
        await _handing.WaitAsync(cancellationToken);
        try
        {
            if (Take(isolation, revision, isCommand) is not (var before, var moves))
                return;
            // Not to be broken off: the state above says already that it is done.
            await (isolation is null ? _control.CloseAsync(CancellationToken.None) : _control.IsolateAsync(CancellationToken.None));
            bool silent;
            lock (_gate)
                silent = moves == _moves && before != State();
            // Polly says nothing while no pipeline is built yet.
            if (silent)
                Move(null);
        }
        finally
        {
            _handing.Release();
        }
    }

    /// <summary>How it stood before; null when nothing is to be done.</summary>
    private (string Before, long Moves)? Take(Isolation? isolation, long revision, bool isCommand)
    {
        lock (_gate)
        {
            // A command may come after the decision was followed already, and does more than following does.
            if (revision != 0 && (isCommand ? revision < _revision : revision <= _revision))
                return null;
            _revision = Math.Max(_revision, revision);
            if (!isCommand && isolation is null && _isolation is null)
                return null;
            var before = State();
            _isolation = isolation;
            return isolation is not null && before == CircuitStates.Isolated ? null : (before, _moves);
        }
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

    private sealed record Isolation(string? Reason);

    private sealed record LastFailure(string What, DateTimeOffset At);
}
