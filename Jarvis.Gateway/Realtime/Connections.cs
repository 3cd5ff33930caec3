using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Realtime;

/// <summary>All connections of this replica: how many there may be, and who among them has to go.</summary>
internal sealed class Connections : IDisposable
{
    // Between the time that is told and the commit the old state could still be read, and clocks differ: who is closed for nothing comes back with what holds now.
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Connection, bool> _all = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _perUser = [];
    private readonly RealtimeOptions _options;
    private readonly Revoked _revoked;
    private readonly IDisposable _revocations;
    private readonly Counter<long> _dropped;
    private int _count;
    private bool _stopping;

    public Connections(
        IOptions<RealtimeOptions> options, Revoked revoked, IRevocations revocations, IHostApplicationLifetime lifetime, IMeterFactory meters)
    {
        (_options, _revoked) = (options.Value, revoked);
        _revocations = revocations.Subscribe(Revoke);
        lifetime.ApplicationStopping.Register(Stop);
        var meter = meters.Create("Jarvis.Gateway");
        meter.CreateObservableGauge("jarvis.gateway.websockets", () => Count, "{connection}", "WebSocket connections of this replica");
        _dropped = meter.CreateCounter<long>("jarvis.gateway.websockets_dropped", "{connection}", "WebSocket connections that this side ended, by reason");
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether anybody listens to heartbeats.</summary>
    public bool WantHeartbeats => _all.Any(connection => connection.Key.WantsHeartbeats);

    /// <summary>Takes a place for an account; give it back with <see cref="Leave"/>.</summary>
    /// <returns>Why there is none, or null.</returns>
    public string? TryEnter(Guid account)
    {
        lock (_gate)
        {
            if (_count >= _options.MaxConnections)
                return $"this replica serves at most {_options.MaxConnections} connections";
            var own = _perUser.GetValueOrDefault(account);
            if (own >= _options.MaxConnectionsPerUser)
                return $"an account has at most {_options.MaxConnectionsPerUser} connections";
            if (own > 0 && _count >= _options.MaxConnections - (_options.MaxConnections / 10))
                return "the last connections of this replica are for accounts that have none";
            _perUser[account] = own + 1;
            _count++;
            return null;
        }
    }

    public void Leave(Guid account)
    {
        lock (_gate)
        {
            _count--;
            if (--_perUser[account] == 0)
                _perUser.Remove(account);
        }
    }

    /// <summary>Lets everything that happens here reach the connection, or ends it when there was no place (<paramref name="full"/>).</summary>
    public void Add(Connection connection, string? full)
    {
        if (full is not null)
        {
            connection.Close(CloseReasons.TryAgainLater, full);
            return;
        }
        _all[connection] = true;
        lock (_gate)
        {
            if (_stopping)
                connection.Close(WebSocketCloseStatus.EndpointUnavailable, CloseReasons.Stopping);
        }
        // Whatever ends from here on is told to it, since it is among all; what ended before is asked for.
        if (IsRevoked(connection.Caller))
            connection.Close(WebSocketCloseStatus.PolicyViolation, CloseReasons.SignedOut);
    }

    public void Remove(Connection connection)
    {
        _all.TryRemove(connection, out _);
        if (connection.ClosedFor is { } reason)
            _dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>There is something to send.</summary>
    public void Signal()
    {
        foreach (var (connection, _) in _all)
            connection.Signal();
    }

    /// <summary>Gives everybody who wants it the newest heartbeat, in place of one that was not sent yet.</summary>
    public void Beat(ReadOnlyMemory<byte> frame)
    {
        foreach (var (connection, _) in _all)
            connection.Beat(frame);
    }

    public void Dispose() => _revocations.Dispose();

    private bool IsRevoked(Caller caller) =>
        caller.Kind != CallerKind.Service && _revoked.Holds(caller.SessionId, caller.AccountId, caller.IssuedAt - Doubt);

    private static bool Holds(Revocation revocation, Caller caller) =>
        caller.Kind != CallerKind.Service
        && (revocation.SessionId is { } session ? session == caller.SessionId : revocation.AccountId == caller.AccountId && caller.IssuedAt <= revocation.At + Doubt);

    private void Revoke(Revocation revocation)
    {
        foreach (var (connection, _) in _all)
        {
            if (Holds(revocation, connection.Caller))
                connection.Close(WebSocketCloseStatus.PolicyViolation, CloseReasons.SignedOut);
        }
    }

    private void Stop()
    {
        lock (_gate)
            _stopping = true;
        foreach (var (connection, _) in _all)
            connection.Close(WebSocketCloseStatus.EndpointUnavailable, CloseReasons.Stopping);
    }
}
