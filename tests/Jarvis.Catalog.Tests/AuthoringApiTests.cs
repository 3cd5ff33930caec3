using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Jarvis.Catalog.Tests;

/// <summary>What is answered without a database: refusals that need none, and 503 that names it.</summary>
public sealed class AuthoringApiTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Valid = """{"name": "delta", "description": "Fourth.", "system_prompt": "Do."}""";

    [Theory]
    [InlineData("POST", "/api/v2/agents", Valid, 503, "SERVICE_UNAVAILABLE")]
    [InlineData("POST", "/api/v2/agents", """{"name": "alpha", "description": "d", "system_prompt": "p"}""", 409, "CONFLICT")]
    [InlineData("POST", "/api/v2/agents", """{"name": "ALPHA", "description": "d", "system_prompt": "p"}""", 422, "VALIDATION_ERROR")]
    [InlineData("POST", "/api/v2/agents", "{}", 422, "VALIDATION_ERROR")]
    [InlineData("POST", "/api/v2/agents", "[]", 400, "MALFORMED_REQUEST")]
    [InlineData("POST", "/api/v2/agents", "null", 400, "MALFORMED_REQUEST")]
    [InlineData("POST", "/api/v2/agents", "", 400, "MALFORMED_REQUEST")]
    [InlineData("POST", "/api/v2/agents", "{\"name\": ", 400, "MALFORMED_REQUEST")]
    [InlineData("PUT", "/api/v2/agents/alpha", Valid, 409, "CONFLICT")]
    [InlineData("DELETE", "/api/v2/agents/alpha", null, 409, "CONFLICT")]
    [InlineData("DELETE", "/api/v2/agents/nobody", null, 503, "SERVICE_UNAVAILABLE")]
    [InlineData("GET", "/api/v2/agents/alpha/versions", null, 404, "RESOURCE_NOT_FOUND")]
    [InlineData("GET", "/api/v2/agents/alpha/versions/one", null, 404, "ROUTE_NOT_FOUND")]
    [InlineData("PATCH", "/api/v2/agents/alpha", "{}", 405, "METHOD_NOT_ALLOWED")]
    public async Task Write_ThatCannotBe_SaysWhy(string method, string path, string? body, int status, string code)
    {
        var problem = await SendAsync(method, path, body);
        Assert.Equal((status, code), (problem.GetProperty("status").GetInt32(), problem.GetProperty("error_code").GetString()));
        if (status == 503)
            Assert.Equal("postgres", problem.GetProperty("service").GetString());
    }

    [Fact]
    public async Task Write_OfAFilesAgent_NamesTheFileToEdit()
    {
        var problem = await SendAsync("PUT", "/api/v2/agents/beta", Valid);
        Assert.Equal(("lib", "agents/ops/beta.md"), (problem.GetProperty("source").GetString(), problem.GetProperty("path").GetString()));
        Assert.Contains("read-only", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.False((await shared.Host.DataAsync("/api/v2/agents/beta")).GetProperty("editable").GetBoolean());
    }

    [Theory]
    [InlineData("tide")]
    [InlineData("\"open")]
    public async Task IfMatch_ThatIsNoTag_IsMalformed(string tag) => Assert.Equal(400, (await SendAsync("PUT", "/api/v2/agents/alpha", Valid, tag)).GetProperty("status").GetInt32());

    [Fact]
    public async Task Body_OfAnotherType_Is415()
    {
        using var response = await shared.Host.Client.PostAsync(new Uri("/api/v2/agents", UriKind.Relative), new StringContent("name: delta", Encoding.UTF8, "application/yaml"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task Source_WithoutADatabase_IsUnreadableWithADiagnostic()
    {
        var sources = (await shared.Host.DataAsync("/api/v2/catalog/sources")).GetProperty("sources").EnumerateArray().ToList();
        Assert.Equal(("jarvis", "unreadable"), (sources[^1].GetProperty("name").GetString(), sources[^1].GetProperty("state").GetString()));
        var diagnostic = Assert.Single((await shared.Host.DataAsync("/api/v2/catalog/diagnostics?source=jarvis")).GetProperty("diagnostics").EnumerateArray());
        Assert.Equal("source_unreadable", diagnostic.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Folder_NamedAsTheSource_GetsAnotherName()
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary(folder: "jarvis").Agent("agents/a.md", "a"));
        Assert.Equal("jarvis-2", (await host.DataAsync("/api/v2/agents/a")).GetProperty("source").GetString());
    }

    private async Task<JsonElement> SendAsync(string method, string path, string? body, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var response = await shared.Host.Client.SendAsync(request);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            Assert.NotNull(response.Headers.RetryAfter);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }
}
