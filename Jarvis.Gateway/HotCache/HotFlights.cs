using System.Collections.Concurrent;

namespace Jarvis.Gateway.HotCache;

/// <summary>
/// Who asks the catalog when many ask the same at once: one, and the others take its answer. When that takes too long, or cannot be shared, some of those who wait ask
/// too, twice as many each time, and never all at once.
/// </summary>
internal sealed class HotFlights
{
    private readonly ConcurrentDictionary<(long Generation, string Key), HotFlight> _flights = new();

    /// <summary>Joins those who want the answer to <paramref name="key"/>; leave it in any case.</summary>
    public HotFlight Enter(string key, long generation)
    {
        while (true)
        {
            var flight = _flights.GetOrAdd((generation, key), static _ => new());
            if (flight.TryEnter())
                return flight;
            // Its last one is just leaving.
            _flights.TryRemove(new((generation, key), flight));
        }
    }

    public void Leave(string key, long generation, HotFlight flight)
    {
        if (flight.Leave())
            _flights.TryRemove(new((generation, key), flight));
    }
}

/// <summary>All who want the same answer.</summary>
internal sealed class HotFlight
{
    private const int MaxAsking = 64;

    private readonly Lock _gate = new();
    private TaskCompletionSource _change = New();
    private int _members;
    private int _asking;
    private int _allowed = 1;
    private bool _ended;

    /// <summary>The answer for all; null as long as there is none.</summary>
    public HotAnswer? Answer { get; private set; }

    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_ended)
                return false;
            _members++;
            return true;
        }
    }

    /// <summary>Whether that was the last one.</summary>
    public bool Leave()
    {
        lock (_gate)
            return _ended = --_members == 0;
    }

    /// <summary>Whether the caller is to ask; else <paramref name="change"/> ends when there is an answer, or somebody else is to ask.</summary>
    public bool TryLead(out Task change)
    {
        lock (_gate)
        {
            change = _change.Task;
            if (Answer is not null || _asking >= _allowed)
                return false;
            _asking++;
            return true;
        }
    }

    /// <summary>Who led has come to an end.</summary>
    /// <param name="answer">Null when it cannot be shared.</param>
    /// <param name="isAbandoned">Whether only its client went away: then the next one takes its place.</param>
    public void Land(HotAnswer? answer, bool isAbandoned)
    {
        TaskCompletionSource change;
        lock (_gate)
        {
            _asking--;
            Answer ??= answer;
            if (answer is null && !isAbandoned)
                Widen();
            (change, _change) = (_change, New());
        }
        change.TrySetResult();
    }

    /// <summary>Somebody has waited for <paramref name="change"/> for long enough. Of all who did only the first one counts.</summary>
    public void Tire(Task change)
    {
        TaskCompletionSource tired;
        lock (_gate)
        {
            if (!ReferenceEquals(change, _change.Task))
                return;
            Widen();
            (tired, _change) = (_change, New());
        }
        tired.TrySetResult();
    }

    private void Widen() => _allowed = Math.Min(MaxAsking, Math.Max(_allowed, _asking) * 2);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
