using System.IO.Compression;
using Jarvis.AppHost.Data;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Embedded.Redis;

/// <summary>
/// Garnet, a Redis-compatible server, from NuGet: a pinned version with a pinned checksum, through the SDK so that the user's feed and
/// proxy apply. It lands in the cache in one rename, so that neither a broken download nor another package is ever run.
/// https://microsoft.github.io/garnet/
/// </summary>
static class GarnetPackage
{
    public const string Version = "2.2.5";
    const string Package = "garnet-server";

    /// <summary>SHA-512 of the package file, signatures included: the same from every feed that passes it on as it was published.</summary>
    const string Sha512 = "XgcnB/HDuEPbI7U589Q3rpFuBRh3E6hD1pDrvQnRrw4KI4yCllfT/pBjEPvlbmVBDjGPBvexxcqvsoH4GEYN/g==";

    const string Programs = "tools";
    const string Remedy = "Install Redis or Valkey, or give ConnectionStrings__redis.";
    static readonly TimeSpan FetchWithin = TimeSpan.FromMinutes(5);

    public static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host)
        ? host
        : Tool.Find("dotnet") ?? throw new StartupException($"There is no dotnet on PATH to run Garnet with. {Remedy}");

    /// <summary>The server's assembly, fetched when it is not in the cache.</summary>
    public static async Task<string> EnsureAsync(string cache, ILogger log, CancellationToken cancellationToken)
    {
        var target = Path.Combine(cache, $"{Package}-{Version}");
        if (Assembly(target) is { } installed)
            return installed;
        DataDirectory.CreateFolder(cache);
        log.FetchingGarnet(Package, Version, cache);
        await using var work = new WorkFolder(cache);
        var package = await FetchAsync(work.Path, NuGetSource.Configured(), cancellationToken);
        var unpacked = Path.Combine(work.Path, "package");
        await UnpackAsync(package, unpacked, cancellationToken);
        WorkFolder.MoveInto(unpacked, target);
        return Assembly(target) ?? throw new StartupException($"{target} is incomplete; remove it and start again.");
    }

    /// <summary>Asks one feed after another; what a feed has under this name and is not what was expected is not used.</summary>
    internal static async Task<string> FetchAsync(string folder, IReadOnlyList<NuGetSource> sources, CancellationToken cancellationToken)
    {
        var complaints = new List<string>();
        foreach (var (index, source) in sources.Index())
        {
            var place = PrivateFiles.Folder(Path.Combine(folder, $"feed-{index}"));
            var configuration = Path.Combine(place, "nuget.config");
            source.WriteConfiguration(configuration, Package);
            string[] insecure = source.AllowsInsecureConnections ? ["--allow-insecure-connections"] : [];
            var fetched = await Tool.RunAsync(
                Dotnet, ["package", "download", $"{Package}@{Version}", "--configfile", configuration, "--output", place, .. insecure],
                FetchWithin, cancellationToken, folder: place);
            var package = Directory.EnumerateFiles(place, "*.nupkg", SearchOption.AllDirectories).FirstOrDefault();
            if (!fetched.Succeeded || package is null)
                complaints.Add($"{source.Key}: {fetched.Complaint}");
            else if (await Checksum.OfAsync(package, cancellationToken) is var actual && actual != Sha512)
                complaints.Add($"{source.Key}: what it has is not what was expected (sha512 {actual}) and was not used.");
            else
                return package;
        }

        throw new StartupException($"There is no Redis on this machine, and {Package} {Version} could not be fetched from NuGet: "
            + $"{(complaints.Count > 0 ? string.Join(" ", complaints) : "every feed is switched off.")} {Remedy}");
    }

    /// <summary>From the checked file itself, not from what the SDK has unpacked beside it.</summary>
    internal static async Task UnpackAsync(string package, string target, CancellationToken cancellationToken)
    {
        await using var archive = await ZipFile.OpenReadAsync(package, cancellationToken);
        var root = PrivateFiles.Folder(target) + Path.DirectorySeparatorChar;
        foreach (var entry in archive.Entries.Where(entry => entry.FullName.StartsWith($"{Programs}/", StringComparison.Ordinal)
            && !entry.FullName.EndsWith('/')))
        {
            var file = Path.GetFullPath(Path.Combine(target, Uri.UnescapeDataString(entry.FullName)));
            if (!file.StartsWith(root, StringComparison.Ordinal))
                throw new StartupException($"{Path.GetFileName(package)} has a file that leads out of it: {entry.FullName}.");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await entry.ExtractToFileAsync(file, overwrite: false, cancellationToken);
        }
    }

    static string? Assembly(string folder)
    {
        var programs = Path.Combine(folder, Programs);
        return Directory.Exists(programs)
            ? Directory.EnumerateFiles(programs, "GarnetServer.dll", SearchOption.AllDirectories).OrderBy(path => path.Length)
                .ThenByDescending(path => path, StringComparer.Ordinal).FirstOrDefault()
            : null;
    }
}
