using System.IO.Compression;
using System.Xml.Linq;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Embedded.Redis;

namespace Jarvis.AppHost.Tests;

public sealed class NuGetSourceTests
{
    [Fact]
    public void Sources_OfAUserWhoConfiguredNone_AreThePublicOne()
    {
        var source = Assert.Single(NuGetSource.Read([]));

        Assert.Equal("https://api.nuget.org/v3/index.json", source.Definition.Attribute("value")?.Value);
    }

    [Fact]
    public void Sources_OfAUserWithAMirrorOnly_AreThatMirrorWithItsPassword()
    {
        using var folder = new TempFolder();
        var file = folder.Write("NuGet.Config", """
            <configuration>
              <packageSources>
                <add key="public" value="https://feed.example/v3/index.json" />
                <add key="our mirror" value="https://mirror.example/v3/index.json" />
                <add key="local" value="packages" />
              </packageSources>
              <disabledPackageSources><add key="public" value="true" /></disabledPackageSources>
              <packageSourceCredentials>
                <our_x0020_mirror><add key="Username" value="me" /><add key="ClearTextPassword" value="swordfish" /></our_x0020_mirror>
              </packageSourceCredentials>
            </configuration>
            """);

        var sources = NuGetSource.Read([file]);

        Assert.Equal(["our mirror", "local"], sources.Select(source => source.Key));
        Assert.Equal(Path.Combine(folder.Path, "packages"), sources[1].Definition.Attribute("value")?.Value);
        var written = Path.Combine(folder.Path, "own.config");
        sources[0].WriteConfiguration(written, "garnet-server");
        var root = XDocument.Load(written).Root!;
        // Nothing that lies in a folder above is added to it, and the package may come from here alone.
        Assert.Equal(["clear", "add"], root.Element("packageSources")!.Elements().Select(element => element.Name.LocalName));
        Assert.Equal("https://mirror.example/v3/index.json", root.Element("packageSources")!.Element("add")!.Attribute("value")!.Value);
        var mapped = Assert.Single(root.Element("packageSourceMapping")!.Elements("packageSource"));
        Assert.Equal("garnet-server", mapped.Element("package")!.Attribute("pattern")!.Value);
        Assert.Contains("swordfish", root.Element("packageSourceCredentials")!.ToString(), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(written));
    }

    [Fact]
    public void Sources_AllSwitchedOff_AreNone()
    {
        using var folder = new TempFolder();
        var file = folder.Write("NuGet.Config", """
            <configuration><packageSources><add key="a" value="https://a.example/" /></packageSources><disabledPackageSources><add key="a" value="true" /></disabledPackageSources></configuration>
            """);

        Assert.Empty(NuGetSource.Read([file]));
    }

    [Fact]
    public async Task Package_FromAFeedThatHasAnotherUnderItsName_IsNotUsed()
    {
        using var folder = new TempFolder();
        var feed = folder.Write("feed/garnet-server.2.2.5.nupkg", "");
        await using (var archive = ZipFile.Open(feed, ZipArchiveMode.Update))
        {
            await using var nuspec = new StreamWriter(archive.CreateEntry("garnet-server.nuspec").Open());
            await nuspec.WriteAsync("""
                <package><metadata>
                  <id>garnet-server</id><version>2.2.5</version><authors>x</authors><description>x</description>
                </metadata></package>
                """);
        }

        var refusal = await Assert.ThrowsAsync<StartupException>(() => GarnetPackage.FetchAsync(folder.Path, NuGetSource.Read([folder.Write("NuGet.Config", """
            <configuration><packageSources><add key="evil" value="feed" /></packageSources></configuration>
            """)]), CancellationToken.None));

        Assert.Contains("evil: what it has is not what was expected", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Package_WithAFileThatLeadsOutOfIt_IsRefused()
    {
        using var folder = new TempFolder();
        var package = Path.Combine(folder.Path, "package.zip");
        await using (var archive = await ZipFile.OpenAsync(package, ZipArchiveMode.Create))
            archive.CreateEntry("tools/../../outside.dll");

        await Assert.ThrowsAsync<StartupException>(() => GarnetPackage.UnpackAsync(package, Path.Combine(folder.Path, "target"),
            CancellationToken.None));
        Assert.False(File.Exists(Path.Combine(folder.Path, "outside.dll")));
    }
}
