using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>Requests that make no spans: health checks, and the export itself, each of which would make the next.</summary>
internal static class OwnTraffic
{
    /// <summary>Where OTLP comes in.</summary>
    public const string IngestPath = "/v1";

    private static readonly string[] Paths = [Extensions.HealthPath, Extensions.AlivePath, IngestPath];

    public static bool Is(PathString path) => Array.Exists(Paths, prefix => path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase));
}
