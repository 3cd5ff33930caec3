using System.ComponentModel.DataAnnotations;

namespace Jarvis.Telemetry.Host;

/// <summary>Sampling of the machine that this runs on; section <c>HostSampling</c>.</summary>
public sealed record HostSamplingOptions
{
    /// <summary>Whether the host is sampled at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Seconds between two samples.</summary>
    [Range(1, 3_600)]
    public int IntervalSeconds { get; init; } = 5;

    /// <summary>A folder on the drive whose space is reported: where Jarvis keeps its data.</summary>
    [Required]
    public string DiskPath { get; init; } = AppContext.BaseDirectory;

    /// <summary>The host's name in tags, and the name under which replicas agree who samples it.</summary>
    [Required, MaxLength(200)]
    public string HostName { get; init; } = Environment.MachineName;
}
