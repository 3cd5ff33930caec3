using System.Net;
using System.Text.Json;
using Jarvis.Catalog.Library;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Catalog.Tests;

public sealed class ApiTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly CatalogHost _host = shared.Host;

    [Theory]
    [InlineData("", "alpha,beta,gamma")]
    [InlineData("?sort=-name", "gamma,beta,alpha")]
    [InlineData("?limit=1&offset=1", "beta")]
    [InlineData("?category=ops", "beta,gamma")]
    [InlineData("?category=Ops&sort=-name&limit=1", "gamma")]
    [InlineData("?offset=9", "")]
    public async Task List_PagingSortingCategory_GivesThese(string query, string names)
    {
        var data = await _host.DataAsync($"/api/v2/agents{query}");
        Assert.Equal(names, string.Join(',', data.GetProperty("agents").EnumerateArray().Select(agent => agent.GetProperty("name").GetString())));
    }

    [Theory]
    [InlineData("agents", "agents", 3)]
    [InlineData("commands", "commands", 1)]
    [InlineData("skills", "skills", 0)]
    [InlineData("mcp-servers", "mcp_servers", 1)]
    [InlineData("workflows", "workflows", 1)]
    public async Task List_EveryKind_HasItsPluralNameAndPagination(string route, string member, int total)
    {
        var data = await _host.DataAsync($"/api/v2/{route}?limit=2");
        Assert.Equal(Math.Min(total, 2), data.GetProperty(member).GetArrayLength());
        var pagination = data.GetProperty("pagination");
        Assert.Equal((total, 2, total > 2), (pagination.GetProperty("total").GetInt32(), pagination.GetProperty("limit").GetInt32(), pagination.GetProperty("has_more").GetBoolean()));
    }

    [Fact]
    public async Task List_SeveralWrongParameters_NamesEachAndTheSortsThereAre()
    {
        var problem = await _host.JsonAsync("/api/v2/agents?sort=size&limit=0");
        Assert.Equal((422, "VALIDATION_ERROR"), (problem.GetProperty("status").GetInt32(), problem.GetProperty("error_code").GetString()));
        var errors = problem.GetProperty("errors");
        Assert.Contains("-updated_at", errors.GetProperty("sort")[0].GetString(), StringComparison.Ordinal);
        Assert.True(errors.TryGetProperty("limit", out _));
    }

    [Theory]
    [InlineData("/api/v2/agents/nobody", "RESOURCE_NOT_FOUND")]
    [InlineData("/api/v2/skills/alpha", "RESOURCE_NOT_FOUND")]
    [InlineData("/api/v2/agents/alpha/other", "ROUTE_NOT_FOUND")]
    public async Task Get_What_IsNotThere_SaysSo(string path, string code) => Assert.Equal(code, (await _host.JsonAsync(path)).GetProperty("error_code").GetString());

    [Fact]
    public async Task One_Workflow_HasWhatTheWorkflowsServiceNeeds()
    {
        var workflow = await _host.DataAsync("/api/v2/workflows/HOOK");
        Assert.Equal(("hook", "Hook", "workflow"), (workflow.GetProperty("id").GetString(), workflow.GetProperty("name").GetString(), workflow.GetProperty("kind").GetString()));
        Assert.Equal("""{"path":"in","method":"GET","authentication":"none","response_mode":"onReceived","node":"In"}""", JsonSerializer.Serialize(workflow.GetProperty("webhooks")[0]));
        Assert.Equal("flows/hook.json", workflow.GetProperty("path").GetString());
    }

    [Fact]
    public async Task Content_EnvelopeOrRaw_AsAsked()
    {
        var content = await _host.DataAsync("/api/v2/agents/alpha/content");
        Assert.Equal(("text/markdown", "utf-8"), (content.GetProperty("media_type").GetString(), content.GetProperty("encoding").GetString()));
        var text = content.GetProperty("content").GetString();
        Assert.StartsWith("---\nname: alpha", text, StringComparison.Ordinal);
        Assert.Equal(text, await _host.Client.GetStringAsync(new Uri("/api/v2/agents/alpha/content?raw=true", UriKind.Relative)));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/agents/alpha/content") { Headers = { Accept = { new("text/markdown") } } };
        using var response = await _host.Client.SendAsync(request);
        Assert.Equal(("text/markdown", text), (response.Content.Headers.ContentType!.MediaType, await response.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Content_McpServer_HasNoSecret() =>
        Assert.DoesNotContain("s3cret", await _host.Client.GetStringAsync(new Uri("/api/v2/mcp-servers/files/content?raw=true", UriKind.Relative)), StringComparison.Ordinal);

    [Fact]
    public async Task Search_KindAndFacets_NarrowAndCount()
    {
        var data = await _host.DataAsync("/api/v2/search?q=ship%20hook&kind=command");
        var result = Assert.Single(data.GetProperty("results").EnumerateArray());
        Assert.Equal(("git:ship", "command", "/api/v2/commands/git%3Aship"),
            (result.GetProperty("id").GetString(), result.GetProperty("kind").GetString(), result.GetProperty("url").GetString()));
        Assert.Equal("name", result.GetProperty("matched")[0].GetString());
        Assert.Equal((1, "lexical"), (data.GetProperty("facets").GetProperty("workflow").GetInt32(), data.GetProperty("mode_used").GetString()));
        using var one = await _host.Client.GetAsync(new Uri(result.GetProperty("url").GetString()!, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
    }

    [Theory]
    [InlineData("q=")]
    [InlineData("q=%21%21")]
    [InlineData("q=x&kind=thing")]
    [InlineData("q=x&sort=name")]
    public async Task Search_BadQuery_Is422(string query) => Assert.Equal(422, (await _host.JsonAsync($"/api/v2/search?{query}")).GetProperty("status").GetInt32());

    [Fact]
    public async Task Diagnostics_OfAState_HavePathReasonAndFix()
    {
        var data = await _host.DataAsync("/api/v2/catalog/diagnostics?state=rejected&source=lib");
        var diagnostic = Assert.Single(data.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal(("agents/bad.md", "empty_file", "agent"), (diagnostic.GetProperty("path").GetString(), diagnostic.GetProperty("code").GetString(), diagnostic.GetProperty("kind").GetString()));
        Assert.Equal(4, data.GetProperty("states").GetProperty("ok").GetInt32());
    }

    [Theory]
    [InlineData("kind=agent&severity=error", 1)]
    [InlineData("code=empty_file", 1)]
    [InlineData("code=empty_file&kind=command", 0)]
    [InlineData("severity=warning&code=literal_secret", 1)]
    public async Task Diagnostics_Filters_Narrow(string query, int total)
    {
        var data = await _host.DataAsync($"/api/v2/catalog/diagnostics?{query}");
        Assert.Equal((total, total), (data.GetProperty("pagination").GetProperty("total").GetInt32(), data.GetProperty("codes").EnumerateObject().Sum(code => code.Value.GetInt32())));
    }

    [Fact]
    public async Task Diagnostics_WrongFilters_AreAllNamed() => Assert.Equal(["kind", "severity", "state"], (await _host.JsonAsync("/api/v2/catalog/diagnostics?kind=x&severity=x&state=x"))
        .GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("{")]
    [InlineData("[")]
    [InlineData("{\"a\":{")]
    public async Task Body_ThatEndsTooEarly_IsSaidNotToBeJson(string body)
    {
        using var response = await _host.Client.PostAsync(new Uri("/api/v2/agents", UriKind.Relative), new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Contains("not valid JSON", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_KindTwice_IsOr() =>
        Assert.Equal(2, (await _host.DataAsync("/api/v2/search?q=ship%20hook&kind=command&kind=workflow")).GetProperty("results").GetArrayLength());

    [Theory]
    [InlineData("/api/v2/agents/alpha/content?raw=maybe", "raw")]
    [InlineData("/api/v2/search?q=x&kind=agent&kind=thing", "kind")]
    public async Task Parameter_ThatIsWrong_IsNamed(string path, string name)
    {
        var problem = await _host.JsonAsync(path);
        Assert.Equal(422, problem.GetProperty("status").GetInt32());
        Assert.True(problem.GetProperty("errors").TryGetProperty(name, out _));
    }

    [Fact]
    public async Task Sources_AfterAScan_AreReadyWithCounts()
    {
        var source = (await _host.DataAsync("/api/v2/catalog/sources")).GetProperty("sources")[0];
        Assert.Equal(("lib", "ready", 3, 1), (source.GetProperty("name").GetString(), source.GetProperty("state").GetString(),
            source.GetProperty("counts").GetProperty("agents").GetInt32(), source.GetProperty("counts").GetProperty("mcp_servers").GetInt32()));
    }

    [Fact]
    public async Task Read_BeforeTheFirstScan_Is503WithRetryAfter()
    {
        // A store of its own stands for the moment before the scan.
        var failure = Assert.Throws<ServiceDefaults.Errors.FailureException>(() => new CatalogStore().Snapshot).Failure;
        Assert.Equal((503, true), (failure.Status, failure.RetryAfter is not null));
        Assert.NotNull(_host.Services.GetRequiredService<CatalogStore>().Current);
        // The folders are read; the agents made here are not, for want of a database.
        var check = (await _host.JsonAsync("/health")).GetProperty("checks").GetProperty("catalog");
        Assert.Equal("degraded", check.GetProperty("status").GetString());
    }
}
