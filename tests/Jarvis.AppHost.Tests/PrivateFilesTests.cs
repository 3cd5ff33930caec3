using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Processes;

namespace Jarvis.AppHost.Tests;

public sealed class PrivateFilesTests
{
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void File_ThatOthersCouldRead_IsPrivateOnceItIsWrittenOrRead()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        foreach (var use in (Action<string>[])[file => PrivateFiles.Write(file, "secret"), file => Assert.Equal("old",
            PrivateFiles.Read(file))])
        {
            var file = folder.Write("file", "old");
            File.SetUnixFileMode(file, Everybody);

            use(file);

            Assert.Equal(Owner, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void Folder_ThatOthersCouldEnter_IsPrivate()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        File.SetUnixFileMode(folder.Path, Everybody);

        PrivateFiles.Folder(folder.Path);

        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
    }

    [Fact]
    public async Task DataDirectory_OfAnEarlierRelease_IsClosedToOthers()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        folder.Write("apphost.lock", "");
        File.SetUnixFileMode(folder.Path, Everybody);
        await using var data = Data(folder.Path);

        data.Open();

        Assert.Equal(Environment.IsPrivilegedProcess ? PrivateFiles.Passage : Owner | UnixFileMode.UserExecute,
            File.GetUnixFileMode(folder.Path));
        Assert.Equal(Owner, File.GetUnixFileMode(Path.Combine(folder.Path, "apphost.lock")));
    }

    [Fact]
    public async Task DataDirectory_AmongOtherThingsOfTheUsers_LeavesTheFoldersMode()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        folder.Write("letters.txt", "");
        var mode = Everybody & ~(UnixFileMode.OtherWrite | UnixFileMode.GroupWrite);
        File.SetUnixFileMode(folder.Path, mode);
        await using var data = Data(folder.Path);

        data.Open();

        Assert.Equal(mode, File.GetUnixFileMode(folder.Path));
    }

    [Fact]
    public async Task DataDirectory_WhereEverybodyMayWrite_IsRefusedAndLeftAsItIs()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        folder.Write("apphost.lock", "");
        File.SetUnixFileMode(folder.Path, Everybody | UnixFileMode.StickyBit);
        await using var data = Data(folder.Path);

        Assert.Contains("Everybody may write", Assert.Throws<StartupException>(data.Open).Message, StringComparison.Ordinal);
        Assert.Equal(Everybody | UnixFileMode.StickyBit, File.GetUnixFileMode(folder.Path));
    }

    [Fact]
    public async Task DataDirectory_OfAnotherUser_IsRefused()
    {
        // Only root can give a folder away.
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return;
        using var folder = new TempFolder();
        folder.Write("processes.json", "[]");
        using (var chown = System.Diagnostics.Process.Start("chown", ["12345", folder.Path]))
            await chown.WaitForExitAsync();
        await using var data = Data(folder.Path);

        Assert.Contains("another user", Assert.Throws<StartupException>(data.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deletion_OfALink_IsRefusedAndFollowsNone()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        var kept = folder.Write("elsewhere/kept", "");
        var link = Path.Combine(folder.Path, "jarvis-temp-link");
        Directory.CreateSymbolicLink(link, Path.GetDirectoryName(kept)!);

        Assert.False(FolderDeletion.IsOwn(link));
        Assert.Throws<IOException>(() => FolderDeletion.Delete(link));

        folder.Write("jarvis-temp-own/file", "");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "jarvis-temp-own", "inner"), Path.GetDirectoryName(kept)!);
        FolderDeletion.Delete(Path.Combine(folder.Path, "jarvis-temp-own"));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "jarvis-temp-own")));
        Assert.True(File.Exists(kept));
    }

    [Fact]
    public async Task Abandoned_FolderOfAnotherUser_IsLeftAlone()
    {
        // Only root can give a folder away.
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return;
        var foreign = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(),
            $"jarvis-temp-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}"));
        try
        {
            await File.WriteAllTextAsync(Path.Combine(foreign.FullName, "apphost.lock"), "");
            using (var chown = System.Diagnostics.Process.Start("chown", ["-R", "12345", foreign.FullName]))
                await chown.WaitForExitAsync();
            Assert.Equal(12345, UserId.Owner(foreign.FullName));
            await using var data = Data(path: null);

            data.Open();

            Assert.True(foreign.Exists);
            Assert.True(File.Exists(Path.Combine(foreign.FullName, "apphost.lock")));
        }
        finally
        {
            foreign.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Abandoned_FolderOfAKilledAppHost_IsRemoved()
    {
        var abandoned = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(),
            $"jarvis-temp-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(abandoned, "apphost.lock"), "");
        await using var data = Data(path: null);

        data.Open();

        Assert.False(Directory.Exists(abandoned));
    }

    private static DataDirectory Data(string? path) => new(new AppHostOptions { Libraries = [], Port = 1, DataDirectory = path },
        TimeProvider.System);
}
