using Jarvis.Catalog.Semantic;
using Microsoft.AspNetCore.Http;

namespace Jarvis.Catalog.Tests;

public sealed class SemanticRoundTests : IAsyncLifetime
{
    private readonly SemanticMemoryStore _store = new();
    private readonly TempLibrary _library = new TempLibrary()
        .Agent("agents/a.md", "keeper", "Tends the database.", "Vacuums tables.").Agent("agents/b.md", "driver", "Drives the car.").Agent("agents/c.md", "writer", "Writes prose.");

    private SemanticFakeProvider _provider = null!;

    public async Task InitializeAsync() => _provider = await SemanticFakeProvider.StartAsync();

    public async Task DisposeAsync()
    {
        await _provider.DisposeAsync();
        _library.Dispose();
    }

    [Fact]
    public async Task Run_NewLibrary_EmbedsEachTextOnceAndStoresIt()
    {
        using var bench = Bench();
        await bench.RunAsync();

        Assert.Equal((3, 3, 3), (bench.Index.Latest!.Embedded, _store.Count, _provider.Texts.Count));
        Assert.Equal("keeper (agent)\nTends the database.\nVacuums tables.", _provider.Texts.Single(text => text.StartsWith("keeper", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_AfterARestart_EmbedsNothingTwice()
    {
        using (var before = Bench())
            await before.RunAsync();
        using var after = Bench();
        await after.RunAsync();

        Assert.Equal((3, 3), (after.Index.Latest!.Embedded, _provider.Texts.Count));
        Assert.Equal("keeper", (await after.NamesAsync("sql"))[0]);
    }

    [Fact]
    public async Task Run_ChangedFile_IsEmbeddedAgainAndOnlyIt()
    {
        using var bench = Bench();
        await bench.RunAsync();
        _library.Agent("agents/c.md", "writer", "Pays every bill.").Agent("agents/copy/a.md", "keeper", "Tends the database.", "Vacuums tables.");
        bench.Rescan();
        await bench.RunAsync();

        Assert.Equal((4, 4), (bench.Index.Latest!.Embedded, _provider.Texts.Count));
        Assert.Contains("Pays every bill", _provider.Texts[^1], StringComparison.Ordinal);
        Assert.Equal("writer", (await bench.NamesAsync("invoice"))[0]);
    }

    [Fact]
    public async Task Run_AnotherModel_KeepsVectorsApart()
    {
        using (var one = Bench())
            await one.RunAsync();
        using (var other = Bench(options => options with { Model = "other" }))
            await other.RunAsync();
        using (var shorter = Bench(options => options with { Dimensions = 32 }))
        {
            await shorter.RunAsync();
            Assert.Equal(32, shorter.Index.Latest!.Dimensions);
        }

        Assert.Equal((9, 9), (_store.Count, _provider.Texts.Count));
        using var again = Bench();
        await again.RunAsync();
        Assert.Equal(9, _provider.Texts.Count);
    }

    [Fact]
    public async Task Run_WhileAnotherReplicaEmbeds_TakesWhatThatOneStores()
    {
        var claim = await _store.TryClaimAsync("ollama:fake", CancellationToken.None);
        using var bench = Bench();
        await bench.RunAsync();
        Assert.Equal(("another replica, which embeds", 0), (bench.State.WaitsFor, _provider.Texts.Count));

        await claim!.DisposeAsync();
        using (var other = Bench())
            await other.RunAsync();
        await bench.RunAsync();
        Assert.Equal((3, 3), (bench.Index.Latest!.Embedded, _provider.Texts.Count));
    }

    [Fact]
    public async Task Run_TextThatIsRefused_CostsNoOther()
    {
        _provider.Fault = call => Task.FromResult(call.Texts.Any(text => text.StartsWith("driver", StringComparison.Ordinal)) ? Results.Json(new { error = "input too long" }, statusCode: 400) : null);
        using var bench = Bench();
        await bench.RunAsync();

        Assert.Equal((2, 1), (bench.Index.Latest!.Embedded, bench.State.Refused));
        Assert.Contains("input too long", bench.State.LastError!.Reason, StringComparison.Ordinal);
        var calls = _provider.Calls.Count;
        await bench.RunAsync();
        Assert.Equal(calls, _provider.Calls.Count);
    }

    [Fact]
    public async Task Run_EveryTextRefused_StopsAsking()
    {
        for (var i = 0; i < 40; i++)
            _library.Agent($"agents/{i}.md", $"more{i}");
        _provider.FailWith(() => Results.Json(new { error = "no such option" }, statusCode: 400));
        using var bench = Bench();
        var failure = await Assert.ThrowsAsync<EmbeddingException>(bench.RunAsync);
        var calls = _provider.Calls.Count;
        Assert.Equal(EmbeddingFault.InputRefused, failure.Fault);
        await Assert.ThrowsAsync<EmbeddingException>(bench.RunAsync);
        Assert.InRange(_provider.Calls.Count - calls, 1, 20);
    }

    [Fact]
    public async Task Run_StoreDownWhileEmbedding_KeepsTheVectorsAndStoresThemLater()
    {
        _provider.Fault = _ =>
        {
            _store.IsDown = true;
            return Task.FromResult<IResult?>(null);
        };
        using var bench = Bench();
        await Assert.ThrowsAsync<TimeoutException>(bench.RunAsync);
        Assert.Equal((3, 0), (bench.Index.Latest!.Embedded, _store.Count));

        _library.Agent("agents/d.md", "late", "Comes later.");
        bench.Rescan();
        await Assert.ThrowsAsync<TimeoutException>(bench.RunAsync);
        Assert.Equal(3, _provider.Texts.Count);

        _provider.Recover();
        _store.IsDown = false;
        await bench.RunAsync();
        Assert.Equal((4, 4, 4), (bench.Index.Latest!.Embedded, _store.Count, _provider.Texts.Count));
    }

    [Fact]
    public async Task Run_WithoutTables_WaitsAndAsksNobody()
    {
        _store.IsReady = false;
        using var bench = Bench();
        await bench.RunAsync();
        Assert.Equal(("Postgres", 0, 0), (bench.State.WaitsFor, _provider.Calls.Count, bench.Index.Latest!.Embedded));
    }

    [Fact]
    public async Task Run_ProviderFails_KeepsWhatCameBefore()
    {
        _provider.Fault = call => Task.FromResult(call.Texts[0].StartsWith("keeper", StringComparison.Ordinal) ? null : Results.StatusCode(500));
        using var bench = Bench(options => options with { BatchSize = 1, MaxConcurrency = 1 });
        var failure = await Assert.ThrowsAsync<EmbeddingException>(bench.RunAsync);
        Assert.Equal((EmbeddingFault.Unavailable, 1, 1), (failure.Fault, bench.Index.Latest!.Embedded, _store.Count));
        _provider.Recover();
        await bench.RunAsync();
        Assert.Equal(3, _store.Count);
    }

    [Fact]
    public async Task Run_AnotherLengthThanBefore_IsNamedAndNotMixedIn()
    {
        using var bench = Bench();
        await bench.RunAsync();
        _provider.Length = 10;
        _library.Agent("agents/d.md", "late", "Comes later.");
        bench.Rescan();
        var failure = await Assert.ThrowsAsync<EmbeddingException>(bench.RunAsync);

        Assert.Contains("10 dimensions", failure.Message, StringComparison.Ordinal);
        Assert.Equal((3, 3), (bench.Index.Latest!.Embedded, _store.Count));
        var ranking = await bench.RankAsync("anything");
        Assert.Equal(SearchMode.Lexical, ranking.Used);
        Assert.Contains("10 dimensions", ranking.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Maintenance_TouchesWhatIsInUse()
    {
        using (var before = Bench())
            await before.RunAsync();
        using var after = Bench();
        await after.RunAsync();
        Assert.Equal(6, _store.Touched);
    }

    private SemanticBench Bench(Func<EmbeddingOptions, EmbeddingOptions>? configure = null) => new(_provider, _library, _store, configure);
}
