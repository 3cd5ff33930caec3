using System.Globalization;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;

namespace Jarvis.AppHost.Tests;

public sealed class DataDirectoryTests
{
    [Fact]
    public async Task Open_WhileAnotherHoldsIt_NamesTheHolderAndTheWayOut()
    {
        using var folder = new TempFolder();
        await using var first = Data(folder.Path);
        await using var second = Data(folder.Path);
        first.Open();

        var refusal = Assert.Throws<StartupException>(second.Open);

        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_AfterTheHolderEnded_Succeeds()
    {
        using var folder = new TempFolder();
        await using (var first = Data(folder.Path))
            first.Open();
        await using var second = Data(folder.Path);

        second.Open();

        Assert.True(File.Exists(second.File("apphost.pid")));
    }

    [Fact]
    public async Task Open_WhereAFileIsInTheWay_SaysThatItCannotBeWritten()
    {
        using var folder = new TempFolder();
        await using var data = Data(folder.Write("file", ""));

        Assert.Contains("cannot be written", Assert.Throws<StartupException>(data.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Temporary_WhenDisposed_IsGone()
    {
        var data = Data(path: null);
        data.Open();
        Assert.True(Directory.Exists(data.Path));

        await data.DisposeAsync();

        Assert.False(Directory.Exists(data.Path));
    }

    static DataDirectory Data(string? path) => new(new AppHostOptions { Libraries = [], Port = 1, DataDirectory = path }, TimeProvider.System);
}
