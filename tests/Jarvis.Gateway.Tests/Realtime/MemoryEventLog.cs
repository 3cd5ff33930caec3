using System.Globalization;
using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Messaging;

namespace Jarvis.Gateway.Tests.Realtime;

/// <summary>The log that replicas share, as Redis has it: numbered in one order, the newest kept, each sent to all who listen.</summary>
internal sealed class MemoryEventLog
{
    private readonly Lock _gate = new();
    private readonly List<LoggedEvent> _events = [];
    private readonly List<Replica> _replicas = [];
    private long _head;

    public int Capacity { get; set; } = 1_000;

    /// <summary>A replica's own connection to it.</summary>
    public Replica Connect()
    {
        var replica = new Replica(this);
        lock (_gate)
            _replicas.Add(replica);
        return replica;
    }

    /// <summary>Adds an event and gives its id.</summary>
    public long Append(string type, object data, string? correlationId = null, bool lost = false)
    {
        var json = JsonSerializer.Serialize(new { type, timestamp = DateTimeOffset.UnixEpoch, correlation_id = correlationId, data }, JsonRules.Options);
        lock (_gate)
        {
            var id = _head + 10;
            var entry = string.Create(CultureInfo.InvariantCulture, $"{id} {(lost ? LoggedEvent.Unknown : _head)} {json}");
            var logged = LoggedEvent.Parse(Encoding.UTF8.GetBytes(entry))!;
            _head = id;
            _events.Add(logged);
            if (_events.Count > Capacity)
                _events.RemoveAt(0);
            _replicas.ForEach(replica => replica.Hear(logged));
            return id;
        }
    }

    /// <summary>Redis comes back empty.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            _events.Clear();
            _head = 0;
        }
    }

    internal sealed class Replica(MemoryEventLog log) : IEventLog
    {
        private readonly List<Action<LoggedEvent>> _handlers = [];

        /// <summary>Messages do not arrive; the log can be read.</summary>
        public bool IsDeaf { get; set; }

        /// <summary>Neither.</summary>
        public bool IsCutOff { get; set; }

        public void Hear(LoggedEvent logged)
        {
            if (!IsDeaf && !IsCutOff)
                _handlers.ForEach(handler => handler(logged));
        }

        public Task AppendAsync(EventDraft draft, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<EventPage> ReadAsync(long after, CancellationToken cancellationToken)
        {
            if (IsCutOff)
                throw new TimeoutException();
            lock (log._gate)
                return Task.FromResult(new EventPage(log._head, [.. log._events.Where(logged => logged.Id > after)]));
        }

        public Task SubscribeAsync(Action<LoggedEvent> handler)
        {
            lock (log._gate)
                _handlers.Add(handler);
            return Task.CompletedTask;
        }

        public Task WatchGapsAsync(Action missed, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
