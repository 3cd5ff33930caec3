using Jarvis.AppHost.Options;

namespace Jarvis.AppHost.Tests;

public sealed class DefaultFoldersTests
{
    private static readonly string Shell = Path.TrimEndingDirectorySeparator(Path.GetTempPath());
    private static readonly string AppHost = Path.Combine(Shell, "jarvis", "Jarvis.AppHost");

    [Fact]
    public void Caller_WhenDotnetRunMovedTheAppHost_IsTheShellsFolder() => Assert.Equal(Shell, DefaultFolders.Caller(AppHost, AppHost, Shell));

    [Fact]
    public void Caller_WhenNobodyMovedIt_IsTheCurrentFolder() => Assert.Equal("/srv", DefaultFolders.Caller(AppHost, "/srv", Shell));

    [Fact]
    public void Caller_WithoutAShellsFolder_IsTheRepositorys() => Assert.Equal(Path.GetDirectoryName(AppHost), DefaultFolders.Caller(AppHost, AppHost, null));
}
