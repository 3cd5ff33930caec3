using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;

namespace Jarvis.StandIns.Tests;

/// <summary>
/// A repository with this one's build files, two programs that reference Harmless.Package, a stand-in of that name, and a
/// folder as its only package feed. Its packages folder is its own, so it starts as a fresh machine does.
/// </summary>
sealed class ProbeRepository : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("jarvis-feed-").FullName;

    public ProbeRepository()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.Root, "Directory.*").Append(Path.Combine(Repository.Root, "BannedSymbols.txt"))
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "eng"), "aspire-*", SearchOption.AllDirectories).Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))))
        {
            var copy = Path.Combine(_root, Path.GetRelativePath(Repository.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Directory.CreateDirectory(Feed);
        Write("nuget.config", """<configuration><packageSources><clear /><add key="feed" value="feed" /></packageSources></configuration>""");
        // No analyzers here: they would have to come from a feed.
        Write("Directory.Packages.props", """
            <Project>
              <PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>
              <ItemGroup><PackageVersion Include="Harmless.Package" Version="1.0.0" /></ItemGroup>
            </Project>
            """);
        Write("standins/Harmless.Package/Harmless.Package.csproj", """<Project Sdk="Microsoft.NET.Sdk" />""");
        foreach (var name in new[] { "App1", "App2" })
        {
            Write($"{name}/{name}.csproj", """
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><OutputType>Exe</OutputType><UseAppHost>false</UseAppHost></PropertyGroup>
                  <ItemGroup><PackageReference Include="Harmless.Package" /></ItemGroup>
                </Project>
                """);
            Write($"{name}/Program.cs", """Console.WriteLine("ran");""");
        }

        Write("Probe.slnx", """<Solution><Project Path="App1/App1.csproj" /><Project Path="App2/App2.csproj" /></Solution>""");
    }

    string Feed => Path.Combine(_root, "feed");

    public void AddPackageToFeed()
    {
        using var package = ZipFile.Open(Path.Combine(Feed, "Harmless.Package.1.0.0.nupkg"), ZipArchiveMode.Create);
        using var nuspec = new StreamWriter(package.CreateEntry("Harmless.Package.nuspec").Open());
        nuspec.Write("""
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata><id>Harmless.Package</id><version>1.0.0</version><authors>test</authors><description>Harmless.</description></metadata>
            </package>
            """);
    }

    public void AgeTheAnswer() => Write("eng/aspire-probe/obj/Harmless.Package.1.0.0.absent", "2000-01-01");

    /// <summary>How the newest restore of the project resolved Harmless.Package: <c>package</c> or <c>project</c>.</summary>
    public string? ChosenFor(string project)
    {
        using var assets = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_root, project, "obj", "project.assets.json")));
        return assets.RootElement.GetProperty("libraries").EnumerateObject()
            .Single(library => library.Name.StartsWith("Harmless.Package/", StringComparison.Ordinal)).Value.GetProperty("type").GetString();
    }

    public async Task<string> DotNetAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _root, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_root, "packages");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        // Environment variables are properties too, so that they hold for run, restore and build alike.
        start.Environment["AspireProbePackage"] = "Harmless.Package";
        start.Environment["AspireProbeVersion"] = "1.0.0";
        start.Environment["NuGetAudit"] = "false";
        start.Environment["UseSharedCompilation"] = "false";

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        var text = await output + await errors;
        Assert.True(process.ExitCode == 0, text);
        return text;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
