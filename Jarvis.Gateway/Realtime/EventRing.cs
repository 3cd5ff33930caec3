using System.Runtime.InteropServices;
using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Realtime;

/// <summary>A client's place in the ring: the next event to read, of one unbroken run of events.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RingPosition(int Run, long Index);

/// <summary>What reading the ring gave.</summary>
internal enum RingRead
{
    /// <summary>An event.</summary>
    Event,

    /// <summary>All has been read.</summary>
    Nothing,

    /// <summary>Events are missing between here and what comes next.</summary>
    Broken,

    /// <summary>The reader was too slow: what it has to read next is gone.</summary>
    Behind,
}

/// <summary>
/// The newest events, once for all clients of this replica: a client's send buffer is its place in here, so that a slow one takes no memory, and one that
/// comes back starts where it was.
/// </summary>
internal sealed class EventRing(IOptions<RealtimeOptions> options)
{
    private readonly Lock _gate = new();
    private readonly RingEvent[] _events = new RingEvent[options.Value.ReplayEvents];
    private int _run;
    private long _start;
    private long _end;
    private long _base;

    /// <summary>The newest event's id, 0 when there never was one; null until the log has been read.</summary>
    public long? Last { get; private set; }

    /// <summary>The next place to be written, and the newest event's id at that moment.</summary>
    public (RingPosition Position, long? Last) Now
    {
        get
        {
            lock (_gate)
                return (new(_run, _end), Last);
        }
    }

    /// <summary>Adds the event that follows the newest one, or begins a new run when it does not.</summary>
    public void Add(LoggedEvent logged)
    {
        var entry = RingEvent.Of(logged);
        lock (_gate)
        {
            if (Last is null || logged.Previous != Last)
                Break(logged.Previous);
            _events[_end++ % _events.Length] = entry;
            Last = logged.Id;
        }
    }

    /// <summary>Begins a new run after an event: what came before is not known to be all.</summary>
    public void Restart(long after)
    {
        lock (_gate)
        {
            Break(after);
            Last = after;
        }
    }

    /// <summary>The place after an event; null when it is not known, or what came after it is not all there.</summary>
    public RingPosition? After(long id)
    {
        lock (_gate)
        {
            var first = Math.Max(_start, _end - _events.Length);
            for (var index = _end - 1; index >= first; index--)
            {
                if (_events[index % _events.Length].Id == id)
                    return new(_run, index + 1);
            }
            return id == _base && first == _start ? new(_run, _start) : null;
        }
    }

    /// <summary>Reads at a place and moves it on.</summary>
    public RingRead Read(ref RingPosition position, out RingEvent? entry)
    {
        entry = null;
        lock (_gate)
        {
            if (position.Run != _run)
            {
                position = new(_run, _end);
                return RingRead.Broken;
            }
            if (position.Index == _end)
                return RingRead.Nothing;
            if (position.Index < _end - _events.Length)
                return RingRead.Behind;
            entry = _events[position.Index % _events.Length];
            position = new(_run, position.Index + 1);
            return RingRead.Event;
        }
    }

    private void Break(long after) => (_run, _start, _base) = (_run + 1, _end, after);
}
