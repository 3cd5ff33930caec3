using FsCheck;
using FsCheck.Fluent;
using Jarvis.Telemetry.Host;

namespace Jarvis.Telemetry.Tests.Host;

public sealed class HostReaderTests
{
    [Fact]
    public void Cpu_BetweenTwoReadings_IsTheBusyShare()
    {
        var before = ProcFiles.Cpu("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3 4\n");
        var now = ProcFiles.Cpu("cpu  150 0 75 900 75 0 0 0 30 0\n");
        Assert.Equal(new CpuTimes(150, 1_000), before);
        Assert.Equal(37.5, now!.PercentSince(before!));
        Assert.Null(before!.PercentSince(now));
        Assert.Null(now.PercentSince(now));
    }

    [Fact]
    public void Memory_IsWhatIsNotAvailable() =>
        Assert.Equal((3_072L * 1_024, 4_096L * 1_024), ProcFiles.Memory("MemTotal:        4096 kB\nMemFree:          100 kB\nMemAvailable:    1024 kB\n"));

    [Fact]
    public void Load_IsTheFirstFigure() => Assert.Equal(0.42, ProcFiles.Load("0.42 0.30 0.20 1/200 4321\n"));

    [Theory]
    [InlineData("")]
    [InlineData("cpu")]
    [InlineData("cpu  a b c d")]
    [InlineData("cpu  1 2 3")]
    [InlineData("MemTotal: 5 kB\nMemAvailable: 9 kB")]
    [InlineData("MemTotal: 99999999999999999999 kB")]
    [InlineData("NaN 0 0")]
    public void Proc_OtherText_HasNoFigures(string text)
    {
        Assert.Null(ProcFiles.Cpu(text));
        Assert.Null(ProcFiles.Memory(text));
        Assert.Null(ProcFiles.Load(text));
    }

    [Fact]
    public void Proc_AnyText_NeverThrows() => Prop.ForAll<string, string>((head, tail) =>
    {
        foreach (var text in (string[])[head ?? "", $"cpu {tail}", $"MemTotal:{tail}\nMemAvailable:{head}", $"{tail} "])
        {
            _ = ProcFiles.Cpu(text);
            _ = ProcFiles.Memory(text);
            _ = ProcFiles.Load(text);
        }
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Read_OnThisMachine_HasMemoryAndDisk()
    {
        var values = new HostReader(AppContext.BaseDirectory).Read().ToDictionary(value => value.Name, value => value.Value);
        Assert.InRange(values["host.memory.used_bytes"], 1, values["host.memory.total_bytes"]);
        Assert.InRange(values["host.disk.used_bytes"], 1, values["host.disk.total_bytes"]);
    }

    [Fact]
    public void Read_WithADriveThatIsNotThere_LeavesItOut() =>
        Assert.DoesNotContain(new HostReader("/no/such/folder/at/all").Read(), value => value.Name.StartsWith("host.disk", StringComparison.Ordinal));
}
