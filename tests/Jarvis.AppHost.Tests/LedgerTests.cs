using System.Diagnostics;
using System.Text.Json;
using Jarvis.AppHost.Processes;

namespace Jarvis.AppHost.Tests;

public sealed class LedgerTests
{
    [Fact]
    public async Task Remains_ThatStillRun_AreEnded()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var process = Process.Start("sleep", "60");
        var entry = LedgerEntry.Of("catalog", process.Id)!;
        Assert.True(entry.IsRunning);

        await Remains.EndAsync([entry], CancellationToken.None);

        Assert.True(process.HasExited);
        Assert.False(entry.IsRunning);
    }

    [Fact]
    public async Task Process_ThatOnlyHasTheSameId_IsLeftAlone()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var process = Process.Start("sleep", "60");
        var another = LedgerEntry.Of("catalog", process.Id)! with { StartedAt = DateTime.UnixEpoch };

        await Remains.EndAsync([another], CancellationToken.None);

        Assert.False(process.HasExited);
        process.Kill();
    }

    [Fact]
    public void Ledger_OfAnEarlierRun_IsRead()
    {
        using var folder = new TempFolder();
        LedgerEntry[] written = [new("catalog", 42, new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc))];
        folder.Write(LedgerEntry.FileName, JsonSerializer.Serialize(written));

        Assert.Equal(written, LedgerEntry.ReadAll(folder.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[{")]
    [InlineData("null")]
    public void Ledger_ThatIsBroken_IsEmpty(string text)
    {
        using var folder = new TempFolder();
        folder.Write(LedgerEntry.FileName, text);

        Assert.Empty(LedgerEntry.ReadAll(folder.Path));
    }
}
