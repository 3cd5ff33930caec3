using System.Diagnostics;
using System.Globalization;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Embedded;
using Jarvis.AppHost.Embedded.Postgres;
using Jarvis.AppHost.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace Jarvis.AppHost.Tests;

/// <summary>
/// What becomes of a <c>postmaster.pid</c> that a killed run left: PostgreSQL's own guard against two servers on one folder must stay in
/// force.
/// </summary>
public sealed class PostmasterTests
{
    [Fact]
    public async Task File_OfAProcessThatIsGone_IsLeftToPostgres()
    {
        using var folder = new TempFolder();
        using var gone = Process.Start("sleep", "0");
        await gone.WaitForExitAsync();

        Assert.True(await ClearAsync(folder, gone.Id));
    }

    [Fact]
    public async Task File_WithTheIdOfSurelyNoPostgres_IsRemoved()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        using var stranger = Process.Start("sleep", "60");

        Assert.False(await ClearAsync(folder, stranger.Id));
        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    [Fact]
    public async Task File_OfAPostgresWhoseDataAreNotKnown_IsLeftAndItsProcessToo()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        using var elsewhere = new TempFolder();
        using var other = Start(elsewhere, elsewhere.Path);

        Assert.True(await ClearAsync(folder, other.Id));
        Assert.False(other.HasExited);
        other.Kill();
    }

    [Fact]
    public async Task Server_StartedThroughALink_IsFoundByTheFolderThatItWorksIn()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TempFolder();
        using var elsewhere = new TempFolder();
        var real = Directory.CreateDirectory(Path.Combine(folder.Path, "real")).FullName;
        var link = Path.Combine(folder.Path, "link");
        Directory.CreateSymbolicLink(link, real);
        using var server = Start(elsewhere, real);

        Assert.Equal(PostmasterHolder.Server, await new PostmasterFile(server.Id, 0, IsReady: true).WhoAsync(link, CancellationToken.None));
        server.Kill();
    }

    /// <summary>Whether the file is still there after the clearing.</summary>
    private static async Task<bool> ClearAsync(TempFolder folder, int processId)
    {
        await using var data = new DataDirectory(new AppHostOptions { Libraries = [], Port = 1, DataDirectory = folder.Path },
            TimeProvider.System);
        var file = folder.Write(Path.Combine("postgres", "postmaster.pid"),
            $"{processId.ToString(CultureInfo.InvariantCulture)}\n{folder.Path}\n1795196000\n");

        await new PostgresCluster(data, "postgres", new ServerAccount("same", null, null), NullLogger.Instance)
            .ClearAsync(CancellationToken.None);

        return File.Exists(file);
    }

    /// <summary>A process whose program is called as PostgreSQL's is.</summary>
    private static Process Start(TempFolder programs, string worksIn)
    {
        var program = Path.Combine(programs.Path, "postgres");
        File.Copy(Tool.Find("sleep")!, program);
        return Process.Start(new ProcessStartInfo(program, ["60"]) { WorkingDirectory = worksIn })!;
    }
}
