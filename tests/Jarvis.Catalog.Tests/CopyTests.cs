using System.Text;
using System.Text.Json;
using Jarvis.Catalog.Library;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Tests;

/// <summary>A catalog's version and tags are of what files say, and not of when they were written.</summary>
public sealed class CopyTests
{
    private static readonly DateTime Old = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public void Scan_CopyWithOtherTimes_HasTheSameVersionAndHashes()
    {
        using var one = Filled();
        using var other = Filled();
        foreach (var file in Directory.EnumerateFiles(other.Folder, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, Old);
        var (left, right) = (one.Scan(), other.Scan());
        Assert.Equal(left.Version, right.Version);
        Assert.Equal(left.Entries.Select(entry => entry.Hash), right.Entries.Select(entry => entry.Hash));
        Assert.NotEqual(left.Shown, right.Shown);
        Assert.All(right.Entries, entry => Assert.Equal(new DateTimeOffset(Old), entry.Resource.UpdatedAt));
    }

    [Fact]
    public void Scan_FileTouched_KeepsTheVersionAndShowsTheNewTime()
    {
        using var library = Filled();
        var before = library.Scan();
        File.SetLastWriteTimeUtc(Path.Combine(library.Folder, "agents/a.md"), Old);
        var after = library.Scan(before);
        Assert.Equal(before.Version, after.Version);
        Assert.Equal(new DateTimeOffset(Old), after.Entries.First(entry => entry.Resource.Path == "agents/a.md").Resource.UpdatedAt);
        Assert.NotEqual(before.Shown, after.Shown);
    }

    [Fact]
    public async Task Get_AfterATouch_HasTheSameTagAndTheNewTimeAndOrder()
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("agents/a.md", "a").Agent("agents/b.md", "b"), "--Catalog:RescanSeconds=3600", "--Catalog:Watch=false");
        File.SetLastWriteTimeUtc(Path.Combine(host.Library.Folder, "agents/a.md"), Old.AddDays(1));
        File.SetLastWriteTimeUtc(Path.Combine(host.Library.Folder, "agents/b.md"), Old.AddDays(2));
        var (tag, _) = await ReadAsync(host, "/api/v2/agents/a");
        Assert.Equal("a", (await ReadAsync(host, "/api/v2/agents?sort=updated_at")).Data.GetProperty("agents")[0].GetProperty("name").GetString());
        File.SetLastWriteTimeUtc(Path.Combine(host.Library.Folder, "agents/a.md"), Old.AddDays(3));
        var (same, data) = await ReadAsync(host, "/api/v2/agents/a");
        Assert.Equal(tag, same);
        Assert.Equal(new DateTimeOffset(Old.AddDays(3)), data.GetProperty("updated_at").GetDateTimeOffset());
        Assert.Equal("b", (await ReadAsync(host, "/api/v2/agents?sort=updated_at")).Data.GetProperty("agents")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Scan_FileRewrittenWithinTheTickOfItsTime_IsReadAgain()
    {
        var time = new ManualTime();
        using var library = new TempLibrary().Agent("agents/a.md", "a", "Does one.");
        var path = Path.Combine(library.Folder, "agents/a.md");
        File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        var scanner = new LibraryScanner(Options.Create(new LibraryOptions { Roots = [library.Folder] }), time);
        var first = scanner.Scan(null, _ => false, CancellationToken.None);

        // As long, at the same time, in the same file: nothing but its bytes tells.
        using (var file = File.OpenWrite(path))
            file.Write(Encoding.UTF8.GetBytes("---\nname: a\ndescription: Does two."));
        File.SetLastWriteTimeUtc(path, first.Entries[0].Resource.UpdatedAt.UtcDateTime);
        var second = scanner.Scan(first, _ => false, CancellationToken.None);
        Assert.Equal("Does two.", second.Entries[0].Resource.Description);

        // Unchanged since: it is looked at as long as its time is young, and keeps its objects.
        var third = scanner.Scan(second, _ => false, CancellationToken.None);
        Assert.Same(second.Entries, third.Entries);
        Assert.Equal(0, scanner.FilesRead);
        time.Now += TimeSpan.FromSeconds(3);
        scanner.Scan(third, _ => false, CancellationToken.None);

        // From here on its stamp is believed.
        File.WriteAllText(path, File.ReadAllText(path).Replace("two", "six", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(path, first.Entries[0].Resource.UpdatedAt.UtcDateTime);
        Assert.Same(third.Entries, scanner.Scan(third, _ => false, CancellationToken.None).Entries);
    }

    [Fact]
    public void Scan_ManifestRewrittenWithinTheTick_CountsForTheOtherFiles()
    {
        var time = new ManualTime();
        using var library = new TempLibrary().Write("p/.claude-plugin/plugin.json", """{"name": "p", "agents": "./one/"}""").Agent("p/one/a.md", "a", more: "model: opus\n").Agent("p/two/b.md", "b");
        var path = Path.Combine(library.Folder, "p/.claude-plugin/plugin.json");
        File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        var scanner = new LibraryScanner(Options.Create(new LibraryOptions { Roots = [library.Folder] }), time);
        var snapshot = scanner.Scan(null, _ => false, CancellationToken.None);
        Assert.Equal(["a"], snapshot.Entries.Select(entry => entry.Resource.Name));
        var written = File.GetLastWriteTimeUtc(path);
        using (var file = File.OpenWrite(path))
            file.Write(Encoding.UTF8.GetBytes("""{"name": "p", "agents": "./two/"}"""));
        File.SetLastWriteTimeUtc(path, written);
        for (var scans = 0; scans < 2; scans++)
            snapshot = scanner.Scan(snapshot, _ => false, CancellationToken.None);
        Assert.Contains("b", snapshot.Entries.Select(entry => entry.Resource.Name));
    }

    private static TempLibrary Filled() => new TempLibrary(folder: "lib").Agent("agents/a.md", "a").Write("commands/c.md", "Do $1").Agent("skills/s/SKILL.md", "s").Write("skills/s/scripts/x.sh", "x")
        .Write(".mcp.json", """{"mcpServers": {"m": {"command": "run"}}}""").Write("flow.json", """{"name": "Flow", "nodes": [], "connections": {}}""").Agent("agents/broken.md", "b: x: y");

    private static async Task<(string Tag, JsonElement Data)> ReadAsync(CatalogHost host, string path)
    {
        (await host.Client.PostAsync(new Uri("/api/v2/catalog/reload", UriKind.Relative), content: null)).EnsureSuccessStatusCode();
        using var response = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
        return (response.Headers.ETag!.Tag, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("data"));
    }

    private sealed class ManualTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
