namespace Jarvis.Gateway.Antigravity;

/// <summary>How high Jarvis floats. The words wink; every number is measured.</summary>
/// <param name="Status"><c>floating</c> when all is well, <c>drifting</c> when something is not, <c>grounded</c> when something required is down.</param>
/// <param name="Gravity"><c>off</c>, or <c>on</c> when grounded.</param>
/// <param name="AltitudeM">Metres, 0 to 1000: by the formula.</param>
/// <param name="AltitudeFormula">How the altitude is reckoned from the other figures.</param>
/// <param name="UptimeMs">Of the gateway that has run longest.</param>
internal sealed record AntigravityReport(
    string Status, string Gravity, string Message, double AltitudeM, string AltitudeFormula, long UptimeMs,
    AntigravityServices Services, AntigravityParts Parts, AntigravityCircuits Circuits, AntigravityRequests Requests, AntigravityCaches Caches, bool Partial);

/// <summary>Services that are not unhealthy, of all; and their processes (addresses without Redis).</summary>
internal sealed record AntigravityServices(int Up, int Total, int Replicas);

/// <summary>What services depend on (Postgres, Redis, n8n, providers): how many of those that are configured are not unhealthy, and which are not configured.</summary>
internal sealed record AntigravityParts(int Up, int Total, IReadOnlyList<string> NotConfigured);

/// <summary>Circuits that are closed, of all of all processes.</summary>
internal sealed record AntigravityCircuits(int Closed, int Total);

/// <summary>What the gateways did since they started: passed on to services, and answered from memory.</summary>
/// <param name="ErrorRate">Of those passed on within the last minutes: the share, 0 to 1, that failed.</param>
/// <param name="P50Ms">Of those passed on within the last minutes: milliseconds until the service with the slowest median has answered half.</param>
/// <param name="P95Ms">The same for 95 of a hundred.</param>
internal sealed record AntigravityRequests(long PassedOn, long FromMemory, double PerMinute, double ErrorRate, double? P50Ms, double? P95Ms);

/// <summary>All caches of all processes together.</summary>
/// <param name="HitRate">0 to 1; 0 before the first look-up.</param>
internal sealed record AntigravityCaches(int Count, long Entries, long Bytes, long Hits, long Misses, double HitRate);
