using System.Globalization;

namespace Jarvis.Telemetry.Host;

/// <summary>Readers of Linux's /proc (proc(5)). Text that is not as expected gives null, never an exception.</summary>
internal static class ProcFiles
{
    /// <summary>Busy and total time since boot from <c>/proc/stat</c>, in ticks over all processors.</summary>
    public static CpuTimes? Cpu(string stat)
    {
        var line = FirstLine(stat);
        if (!line.StartsWith("cpu "))
            return null;
        ulong total = 0, idle = 0;
        var index = 0;
        foreach (var field in line[4..].Split(' '))
        {
            var number = line[4..][field];
            if (number.IsEmpty)
                continue;
            if (!ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
                return null;
            // user nice system idle iowait irq softirq steal; guest time is part of user already.
            if (index is 3 or 4)
                idle += ticks;
            if (index++ < 8)
                total += ticks;
        }
        return index >= 4 ? new CpuTimes(total - idle, total) : null;
    }

    /// <summary>Used and total bytes from <c>/proc/meminfo</c>; used is what is not available to new programs.</summary>
    public static (long Used, long Total)? Memory(string meminfo) =>
        Kilobytes(meminfo, "MemTotal:") is { } total && Kilobytes(meminfo, "MemAvailable:") is { } available && available <= total
            ? ((total - available) * 1_024, total * 1_024)
            : null;

    /// <summary>The load average of the last minute from <c>/proc/loadavg</c>.</summary>
    public static double? Load(string loadavg)
    {
        var line = FirstLine(loadavg);
        var end = line.IndexOf(' ');
        return end > 0 && double.TryParse(line[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var load) && double.IsFinite(load) ? load : null;
    }

    private static long? Kilobytes(string meminfo, string name)
    {
        foreach (var line in meminfo.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(name))
                continue;
            var number = line[name.Length..].Trim();
            number = number.EndsWith(" kB") ? number[..^3] : number;
            return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue / 1_024 ? value : null;
        }
        return null;
    }

    private static ReadOnlySpan<char> FirstLine(string text)
    {
        var end = text.AsSpan().IndexOf('\n');
        return end < 0 ? text : text.AsSpan(0, end);
    }
}

/// <summary>Processor time since boot; the use between two readings is the busy share of the difference.</summary>
internal sealed record CpuTimes(ulong Busy, ulong Total)
{
    /// <summary>0 to 100 since <paramref name="before"/>; null when no time has passed or a counter went back.</summary>
    public double? PercentSince(CpuTimes before) =>
        Total > before.Total && Busy >= before.Busy ? Math.Min(100, 100.0 * (Busy - before.Busy) / (Total - before.Total)) : null;
}
