namespace Jarvis.Catalog.Tests;

public sealed class SearchApiTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly CatalogHost _host = shared.Host;

    [Fact]
    public async Task Search_Answer_ExplainsCountsAndSaysItsMode()
    {
        var json = await _host.JsonAsync("/api/v2/search?q=secnd&category=ops");
        Assert.Equal("lexical", json.GetProperty("metadata").GetProperty("mode_used").GetString());
        var data = json.GetProperty("data");
        Assert.Equal("second", data.GetProperty("suggestion").GetString());
        var result = Assert.Single(data.GetProperty("results").EnumerateArray());
        Assert.Equal("""[{"word":"secnd","term":"second","how":"typo","fields":["description"]}]""", result.GetProperty("explanation").GetRawText());
        Assert.Equal("""[{"field":"description","snippet":"Second.","ranges":[{"start":0,"length":6}]}]""", result.GetProperty("highlights").GetRawText());
        Assert.Equal("""[{"value":"ops","count":1}]""", data.GetProperty("facets").GetProperty("category").GetRawText());
    }

    [Theory]
    [InlineData("q=kind:agent&limit=1&offset=1", "beta")]
    [InlineData("q=source:lib&kind=command", "ship")]
    [InlineData("q=-alpha%20kind:agent", "beta,gamma")]
    [InlineData("q=%22unclosed", "")]
    public async Task Search_FiltersAndPages_GiveThese(string query, string names)
    {
        var data = await _host.DataAsync($"/api/v2/search?{query}");
        Assert.Equal(names, string.Join(',', data.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("name").GetString())));
    }

    [Fact]
    public async Task Search_TooLong_Is422()
    {
        var problem = await _host.JsonAsync($"/api/v2/search?q={new string('x', 501)}&tool={new string('x', 300)}");
        Assert.Equal(422, problem.GetProperty("status").GetInt32());
        Assert.Equal(["q", "tool"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task List_HasNoModeUsed() => Assert.False((await _host.JsonAsync("/api/v2/agents")).GetProperty("metadata").TryGetProperty("mode_used", out _));
}
