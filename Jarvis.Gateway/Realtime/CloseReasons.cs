using System.Net.WebSockets;

namespace Jarvis.Gateway.Realtime;

/// <summary>What a close frame says; at most 123 bytes (RFC 6455, 5.5).</summary>
internal static class CloseReasons
{
    /// <summary>"Try again later" (registered with IANA), which .NET has no name for.</summary>
    public const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    public const string SignedOut = "signed out";
    public const string Expired = "token expired";
    public const string Stopping = "this replica stops";
    public const string TooSlow = "frames were not read in time";
    public const string TooMany = "too many messages";
    public const string TooManyFrames = "too many frames";
    public const string TooLarge = "message too large";
}
