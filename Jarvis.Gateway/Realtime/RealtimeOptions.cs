using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.Realtime;

/// <summary>The WebSocket <c>/ws</c>; section <c>WebSockets</c>.</summary>
public sealed record RealtimeOptions
{
    /// <summary>Connections that one replica serves. The last tenth is for accounts that have none yet.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; init; } = 1_000;

    /// <summary>Connections of one account to one replica.</summary>
    [Range(1, 100_000)]
    public int MaxConnectionsPerUser { get; init; } = 5;

    /// <summary>Messages that a client may send in a second, over time; of frames, pings among them, ten times as many.</summary>
    [Range(1, 10_000)]
    public int MaxMessagesPerSecond { get; init; } = 50;

    /// <summary>Messages that a client may send at once; of frames ten times as many.</summary>
    [Range(1, 100_000)]
    public int MessageBurst { get; init; } = 100;

    /// <summary>Events that are kept for clients that come back, and that a slow client may be behind. The log that all replicas share keeps 1,000.</summary>
    [Range(10, 10_000)]
    public int ReplayEvents { get; init; } = 1_000;

    /// <summary>Seconds in which a client must take a frame.</summary>
    [Range(1, 120)]
    public int SendTimeoutSeconds { get; init; } = 10;

    /// <summary>Milliseconds between two heartbeats.</summary>
    [Range(100, 60_000)]
    public int HeartbeatMs { get; init; } = 2_000;

    /// <summary>Milliseconds between two looks at the shared log, should a message of Redis be lost.</summary>
    [Range(100, 60_000)]
    public int CatchUpMs { get; init; } = 2_000;

    /// <summary>Seconds without a word from a client after which it is pinged.</summary>
    [Range(1, 600)]
    public int KeepAliveSeconds { get; init; } = 15;

    /// <summary>Seconds in which it must answer that.</summary>
    [Range(1, 600)]
    public int KeepAliveTimeoutSeconds { get; init; } = 20;

    /// <summary>A folder on the drive whose space heartbeats report.</summary>
    [Required]
    public string DiskPath { get; init; } = AppContext.BaseDirectory;
}
