using System.Globalization;
using System.Text.Json.Serialization;

namespace Jarvis.Gateway.Realtime;

/// <summary>The machine at one moment. What the system does not tell is left out.</summary>
internal sealed record HostSample
{
    /// <summary>0 to 100, of all processors, since the sample before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CpuPercent { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MemoryUsedBytes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MemoryTotalBytes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? DiskUsedBytes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? DiskTotalBytes { get; init; }

    /// <summary>WebSocket connections of this replica.</summary>
    public int Connections { get; init; }
}

/// <summary>Reads /proc (proc(5)) on Linux, elsewhere memory from what the runtime knows; the disk everywhere. Nothing here throws.</summary>
internal sealed class HostMetrics(string diskPath)
{
    private (ulong Busy, ulong Total)? _before;

    public HostSample Read(int connections)
    {
        var (used, total) = OperatingSystem.IsLinux() ? Memory() : RuntimeMemory();
        var (diskUsed, diskTotal) = Disk();
        return new()
        {
            CpuPercent = OperatingSystem.IsLinux() ? Cpu() : null,
            MemoryUsedBytes = used,
            MemoryTotalBytes = total,
            DiskUsedBytes = diskUsed,
            DiskTotalBytes = diskTotal,
            Connections = connections,
        };
    }

    private double? Cpu()
    {
        // cpu user nice system idle iowait irq softirq steal …; guest time is part of user already.
        var fields = Lines("/proc/stat").FirstOrDefault()?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields is not ["cpu", _, _, _, _, _, ..])
            return null;
        var ticks = fields[1..].Take(8).Select(field => ulong.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0).ToArray();
        var total = ticks.Aggregate(0UL, (sum, value) => sum + value);
        var now = (Busy: total - ticks[3] - ticks[4], Total: total);
        var percent = _before is { } before && now.Total > before.Total && now.Busy >= before.Busy
            ? Math.Round(Math.Min(100, 100.0 * (now.Busy - before.Busy) / (now.Total - before.Total)), 1)
            : (double?)null;
        _before = now;
        return percent;
    }

    private static (long? Used, long? Total) Memory()
    {
        var lines = Lines("/proc/meminfo");
        return Kilobytes(lines, "MemTotal:") is { } total && Kilobytes(lines, "MemAvailable:") is { } free && free <= total ? ((total - free) * 1_024, total * 1_024) : (null, null);
    }

    private static (long? Used, long? Total) RuntimeMemory() =>
        GC.GetGCMemoryInfo() is { MemoryLoadBytes: > 0, TotalAvailableMemoryBytes: > 0 } memory ? (memory.MemoryLoadBytes, memory.TotalAvailableMemoryBytes) : (null, null);

    private (long? Used, long? Total) Disk()
    {
        try
        {
            var drive = new DriveInfo(diskPath);
            return (drive.TotalSize - drive.TotalFreeSpace, drive.TotalSize);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, null); // a drive that is gone has no figures
        }
    }

    private static long? Kilobytes(string[] lines, string name) =>
        Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var number, ..]
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue / 1_024 ? value : null;

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
