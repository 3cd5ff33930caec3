using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Jarvis.Catalog.Library;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Catalog.Tests;

public sealed class FreshnessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task SavedFile_WithTheWatcher_IsSeenWithoutWaitingForTheRescan()
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("agents/a.md", "a"), "--Catalog:RescanSeconds=3600");
        host.Library.Agent("agents/new/b.md", "b");
        await UntilAsync(host, snapshot => snapshot.Entries.Count == 2);
        File.Delete(Path.Combine(host.Library.Folder, "agents/a.md"));
        await UntilAsync(host, snapshot => snapshot.Entries.Count == 1);
    }

    [Fact]
    public async Task SavedFile_WithoutTheWatcher_IsSeenAtTheRescan()
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("agents/a.md", "a"), "--Catalog:RescanSeconds=1", "--Catalog:Watch=false");
        host.Library.Agent("agents/b.md", "b");
        await UntilAsync(host, snapshot => snapshot.Entries.Count == 2);
    }

    [Fact]
    public async Task MissingRoot_IsDegradedNotUnhealthy_AndReadWhenItComes()
    {
        var library = new TempLibrary();
        Directory.Delete(library.Folder);
        await using var host = await CatalogHost.StartAsync(library, "--Catalog:RescanSeconds=1");
        var check = (await host.JsonAsync("/health")).GetProperty("checks").GetProperty("catalog");
        Assert.Equal("degraded", check.GetProperty("status").GetString());
        using var list = await host.Client.GetAsync(new Uri("/api/v2/agents", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);

        library.Agent("agents/a.md", "a");
        await UntilAsync(host, snapshot => snapshot.Entries.Count == 1 && snapshot.Sources[0].State == SourceState.Ready);
    }

    [Fact]
    public async Task ManyFilesAtOnce_AreOneOrTwoSnapshots()
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("agents/a.md", "a"), "--Catalog:RescanSeconds=3600");
        var versions = new ConcurrentBag<string>();
        var store = host.Services.GetRequiredService<CatalogStore>();
        store.OnReplaced(snapshot => versions.Add(snapshot.Version));
        for (var i = 0; i < 2_000; i++)
            host.Library.Agent($"agents/{i % 40}/agent{i}.md", $"agent{i}");
        // Readers are told after the snapshot is in its place.
        await UntilAsync(host, snapshot => snapshot.Entries.Count == 2_001 && versions.Contains(snapshot.Version));
        Assert.InRange(versions.Count, 1, 2);
    }

    [Fact]
    public async Task FilesBelowAnIgnoredFolder_StartNoScan()
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("agents/a.md", "a"), "--Catalog:RescanSeconds=3600");
        var changes = host.Services.GetRequiredService<FileChanges>();
        host.Library.Write(".git/objects/aa/bb", "x").Write("node_modules/x/agents/b.md", "---\nname: b\ndescription: B\n---\nx").Agent("agents/c.md", "c");
        await UntilAsync(host, snapshot => snapshot.Entries.Count == 2);
        Assert.Equal(0, changes.Count);
    }

    /// <summary>Waits for a snapshot that fits, for <see cref="Patience"/> at most; looks every 10 ms, as a client that polls does.</summary>
    private static async Task UntilAsync(CatalogHost host, Func<CatalogSnapshot, bool> fits)
    {
        var store = host.Services.GetRequiredService<CatalogStore>();
        var started = Stopwatch.GetTimestamp();
        while (!fits(store.Snapshot))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "The change was not seen.");
            await Task.Delay(10);
        }
    }
}
