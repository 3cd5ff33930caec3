using System.Globalization;
using System.Security.Cryptography;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Embedded.Postgres;

namespace Jarvis.AppHost.Tests;

public sealed class PostgresTests
{
    [Theory]
    [InlineData("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "15.18")]
    [InlineData("postgres (PostgreSQL) 18.4", "18.4")]
    [InlineData("postgres (PostgreSQL) 18beta1", "18.0")]
    public void Version_OfAServer_IsRead(string text, string version) => Assert.Equal(Version.Parse(version), PostgresBinaries.ParseVersion(text));

    [Fact]
    public void Version_OfSomethingElse_IsNotRead() => Assert.Null(PostgresBinaries.ParseVersion("mysqld  Ver 8.0"));

    [Theory]
    [InlineData("4711\n/data\n1795196000\n5432\n\n127.0.0.1\n  1 2\nready   \n", 4711, 1795196000, true)]
    [InlineData("4711\n/data\n1795196000\n5432\n\n127.0.0.1\n  1 2\nstarting\n", 4711, 1795196000, false)]
    [InlineData("-4711\n/data\n", 4711, 0, false)]
    public void PostmasterFile_InEveryState_IsRead(string text, int processId, long startedAt, bool isReady) =>
        Assert.Equal(new PostmasterFile(processId, startedAt, isReady), PostmasterFile.Parse(text));

    [Fact]
    public void PostmasterFile_WithRubbish_IsNone() => Assert.Null(PostmasterFile.Parse("rubbish"));

    [Fact]
    public async Task PostmasterFile_WithARecycledId_FindsNoServer()
    {
        using var folder = new TempFolder();
        var postmaster = new PostmasterFile(Environment.ProcessId, StartedAt: 0, IsReady: true);

        Assert.Null(await postmaster.FindAsync(folder.Path, CancellationToken.None));
    }

    [Fact]
    public async Task Package_WithAnotherChecksum_IsRefused()
    {
        using var folder = new TempFolder();
        var archive = folder.Write("package.tgz", "not what was published");

        var refusal = await Assert.ThrowsAsync<StartupException>(() => PostgresPackage.VerifyAsync(archive, Convert.ToBase64String(SHA512.HashData("other"u8)), CancellationToken.None));

        Assert.Contains("was not used", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Package_WithItsChecksum_IsAccepted()
    {
        using var folder = new TempFolder();

        await PostgresPackage.VerifyAsync(folder.Write("package.tgz", "published"), Convert.ToBase64String(SHA512.HashData("published"u8)), CancellationToken.None);
    }

    [Fact]
    public async Task Package_WithListedLinks_HasThemAndNoneOutsideItself()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        folder.Write("package/native/lib/libpq.so.5.18", "library");
        folder.Write("package/native/pg-symlinks.json", """
            [{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}, {"source": "native/lib/libpq.so.5.18", "target": "../outside.so"}]
            """);

        await PostgresPackage.LinkAsync(Path.Combine(folder.Path, "package"), CancellationToken.None);

        Assert.Equal("library", await File.ReadAllTextAsync(Path.Combine(folder.Path, "package", "native", "lib", "libpq.so.5")));
        Assert.False(File.Exists(Path.Combine(folder.Path, "outside.so")));
    }

    [Fact]
    public void Package_Version_BeginsWithItsMajor() =>
        Assert.True(int.Parse(PostgresPackage.PackageVersion.Split('.')[0], CultureInfo.InvariantCulture) >= PostgresBinaries.OldestMajor);
}
