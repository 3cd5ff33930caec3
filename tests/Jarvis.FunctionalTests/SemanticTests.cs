using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Search by meaning over the whole stack: a real Postgres, and a provider whose every request is known.</summary>
[Collection(StackCollection.Name)]
public sealed class SemanticTests(JarvisStack jarvis)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Query_ByMeaning_FindsWhatItsWordsDoNot()
    {
        await AllEmbeddedAsync();
        await WithAgentAsync("ferryman", "Takes every car across.", async () =>
        {
            var found = await jarvis.GetAsync("/api/v2/search?q=automobile&mode=semantic");
            Assert.Equal("semantic", found.GetProperty("mode_used").GetString());
            Assert.Equal("ferryman", found.GetProperty("results")[0].GetProperty("name").GetString());
        });
    }

    [Fact]
    public async Task SavedFile_IsTheOnlyTextThatIsEmbedded()
    {
        await AllEmbeddedAsync();
        var before = jarvis.Embeddings.Texts.Count;
        await WithAgentAsync("pilot", "Guides every vehicle.", () =>
        {
            Assert.StartsWith("pilot (agent)\nGuides every vehicle.", Assert.Single(jarvis.Embeddings.Texts.Skip(before), text => !text.StartsWith("Guides", StringComparison.Ordinal)), StringComparison.Ordinal);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Catalog_StoppedAndStarted_EmbedsNothingTwice()
    {
        await AllEmbeddedAsync();
        var before = jarvis.Embeddings.Texts.Count;
        Assert.NotEqual(0, before);
        await jarvis.StopResourceAsync("catalog");
        await jarvis.StartResourceAsync("catalog");
        await AllEmbeddedAsync();

        Assert.Equal(before, jarvis.Embeddings.Texts.Count);
        Assert.Equal(0, (await jarvis.GetAsync("/api/v2/catalog/embeddings")).GetProperty("tokens").GetProperty("documents").GetInt64());
    }

    [Fact]
    public async Task Query_OfARequest_CarriesItsCorrelationIdAndTheKey()
    {
        await AllEmbeddedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/search?q=lanterns%20at%20sea&mode=hybrid") { Headers = { { "X-Correlation-ID", "semantic-story-1" } } };
        using var response = await jarvis.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();

        var call = jarvis.Embeddings.Calls.Single(call => call.Texts is ["lanterns at sea"]);
        Assert.Equal(("semantic-story-1", "Bearer sk-of-a-test"), (call.CorrelationId, call.Authorization));
    }

    [Fact]
    public async Task Postgres_Stopped_CostsNoVectorThatIsThere()
    {
        await AllEmbeddedAsync();
        await jarvis.StopResourceAsync("postgres");
        var path = Path.Combine(jarvis.Library, "agents", "stoker.md");
        await File.WriteAllTextAsync(path, "---\nname: stoker\ndescription: Writes an invoice.\n---\n\nFor coal.\n");
        await Eventually.GetAsync("the catalog says that vectors wait", Patience, async () =>
            (await jarvis.GetAsync("/api/v2/catalog/embeddings")).GetProperty("state").GetString() == "failing" ? "failing" : null);
        var found = await jarvis.GetAsync("/api/v2/search?q=harbour&mode=semantic");
        Assert.Equal("semantic", found.GetProperty("mode_used").GetString());
        Assert.Contains("no vector yet", found.GetProperty("mode_note").GetString(), StringComparison.Ordinal);

        await jarvis.StartResourceAsync("postgres");
        await AllEmbeddedAsync();
        Assert.Equal("stoker", (await jarvis.GetAsync("/api/v2/search?q=bill&mode=semantic")).GetProperty("results")[0].GetProperty("name").GetString());
        File.Delete(path);
    }

    private async Task WithAgentAsync(string name, string description, Func<Task> test)
    {
        var path = Path.Combine(jarvis.Library, "agents", $"{name}.md");
        await File.WriteAllTextAsync(path, $"---\nname: {name}\ndescription: {description}\n---\n\nDo it.\n");
        await Eventually.GetAsync("the new agent is found by its meaning", Patience, async () =>
        {
            var found = await jarvis.GetAsync($"/api/v2/search?q={Uri.EscapeDataString(description)}&mode=semantic");
            return found.GetProperty("mode_used").GetString() == "semantic" && found.GetProperty("results")[0].GetProperty("name").GetString() == name ? name : null;
        });
        try
        {
            await test();
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task AllEmbeddedAsync() => await Eventually.GetAsync("every resource is embedded", Patience, async () =>
    {
        var state = await jarvis.GetAsync("/api/v2/catalog/embeddings");
        return state.GetProperty("state").GetString() == "ready" && state.GetProperty("embedded").GetInt32() == state.GetProperty("total").GetInt32() ? "ready" : null;
    });
}
