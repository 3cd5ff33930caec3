namespace Jarvis.Telemetry.Host;

/// <summary>
/// Reads the machine: on Linux processors, memory and load from /proc, elsewhere memory from what the runtime knows; the disk everywhere.
/// What a system does not tell is left out, and nothing here throws.
/// </summary>
internal sealed class HostReader(string diskPath)
{
    private CpuTimes? _before;

    /// <summary>Names and values of one sample. The processors' use needs two, so the first sample is without it.</summary>
    public IReadOnlyList<(string Name, double Value)> Read()
    {
        var values = new List<(string, double)>();
        if (OperatingSystem.IsLinux())
            ReadProc(values);
        else
            ReadRuntime(values);
        ReadDisk(values);
        return values;
    }

    private void ReadProc(List<(string, double)> values)
    {
        if (Text("/proc/stat") is { } stat && ProcFiles.Cpu(stat) is { } now)
        {
            if (_before is { } before && now.PercentSince(before) is { } percent)
                values.Add(("host.cpu.percent", Math.Round(percent, 2)));
            _before = now;
        }
        if (Text("/proc/meminfo") is { } meminfo && ProcFiles.Memory(meminfo) is var (used, total))
            AddMemory(values, used, total);
        if (Text("/proc/loadavg") is { } loadavg && ProcFiles.Load(loadavg) is { } load)
            values.Add(("host.load.1m", load));
    }

    private static void ReadRuntime(List<(string, double)> values)
    {
        var memory = GC.GetGCMemoryInfo();
        if (memory is { MemoryLoadBytes: > 0, TotalAvailableMemoryBytes: > 0 })
            AddMemory(values, memory.MemoryLoadBytes, memory.TotalAvailableMemoryBytes);
    }

    private void ReadDisk(List<(string, double)> values)
    {
        try
        {
            var drive = new DriveInfo(diskPath);
            var (free, total) = (drive.TotalFreeSpace, drive.TotalSize);
            values.Add(("host.disk.used_bytes", total - free));
            values.Add(("host.disk.total_bytes", total));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A drive that is gone has no figures.
        }
    }

    private static void AddMemory(List<(string, double)> values, long used, long total)
    {
        values.Add(("host.memory.used_bytes", used));
        values.Add(("host.memory.total_bytes", total));
    }

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
