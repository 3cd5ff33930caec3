using Jarvis.Catalog.Authoring;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Tests;

/// <summary>Agents made here among those of files, without a database.</summary>
public sealed class AuthoringSourceTests
{
    private static readonly DateTimeOffset Then = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void MadeAgent_InTheCatalog_HasItsVersionAndTimes()
    {
        using var library = new TempLibrary();
        var agent = Assert.IsType<Agent>(Assert.Single(Scanner(library, new Made("a", 3)).Scan(null, _ => false, CancellationToken.None).Entries).Resource);
        Assert.Equal(("a", "jarvis", "agents/a.md", true, 3), (agent.Id, agent.Source, agent.Path, agent.Editable, agent.Version));
        Assert.Equal((Then, Then.AddHours(3)), (agent.CreatedAt, agent.UpdatedAt));
    }

    [Theory]
    [InlineData("agents/a.md", "a", "lib:a")]
    [InlineData(".claude/agents/a.md", "jarvis:a", "a")]
    [InlineData("plug/agents/a.md", "a", "plug:a")]
    public void MadeAgent_WithANameThatAFileHasToo_RanksAsTheUsers(string path, string madeId, string fileId)
    {
        using var library = new TempLibrary();
        library.Agent(path, "a").Write("plug/.claude-plugin/plugin.json", """{"name": "plug"}""");
        var shelf = Scanner(library, new Made("a", 1)).Scan(null, _ => false, CancellationToken.None)[ResourceKind.Agent];
        Assert.Equal("jarvis", shelf.Find(madeId)!.Resource.Source);
        Assert.Equal("lib", shelf.Find(fileId)!.Resource.Source);
        Assert.Equal("jarvis", shelf.Find("jarvis:a")!.Resource.Source);
    }

    [Fact]
    public void Scan_OfAnUnchangedSource_GivesTheSameSnapshot_OfAChangedOneANewOne()
    {
        using var library = new TempLibrary();
        library.Agent("agents/b.md", "b");
        var made = new Made("a", 1);
        var scanner = Scanner(library, made);
        var first = scanner.Scan(null, _ => false, CancellationToken.None);
        var second = scanner.Scan(first, _ => false, CancellationToken.None);
        Assert.Same(first.Entries, second.Entries);
        made.Version = 2;
        var third = scanner.Scan(second, _ => false, CancellationToken.None);
        Assert.NotEqual(first.Version, third.Version);
        Assert.NotEqual(first[ResourceKind.Agent].Find("a")!.Hash, third[ResourceKind.Agent].Find("a")!.Hash);
    }

    private static LibraryScanner Scanner(TempLibrary library, Made made) => new(Options.Create(new LibraryOptions { Roots = [library.Folder] }), TimeProvider.System, [made]);

    private sealed class Made(string name, int version) : IExtraSource
    {
        private ScannedSource? _last;
        private int _lastVersion;

        public int Version { get; set; } = version;

        public LibrarySource Source => LibrarySource.MadeHere;

        public Task FirstRead => Task.CompletedTask;

        public ScannedSource Scan(TermTable terms)
        {
            if (_last is not null && _lastVersion == Version)
                return _last;
            _lastVersion = Version;
            var draft = new AgentDraft { Name = name, Description = "Made.", SystemPrompt = "Do." };
            var agent = new MadeAgent(Guid.Empty, name, Version, Version, AgentMarkdown.Write(draft), Then, Then.AddHours(Version));
            return _last = new(Source, new(SourceState.Ready, [AgentFile.Entry(agent)], []), [AgentFile.Parse(agent, terms)], Then, 0, Watching: true);
        }
    }
}
