using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Jarvis.Gateway.Tests.OpenApi;

public sealed class OpenApiEndpointTests
{
    [Fact]
    public async Task ServicesThatDoNotAnswer_AreDescribedAsTheyWereCommitted()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var response = await gateway.SendAsync("/openapi/v2.json");
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("catalog, telemetry, workflows", response.Headers.GetValues("X-Stale-Services").Single());
        var document = await ReadAsync(response);
        Assert.Equal("3.1.1", (string?)document["openapi"]);
        Assert.NotNull(document["paths"]!["/api/v2/agents/{id}"]);
        Assert.NotNull(document["paths"]!["/api/v2/tasks/recent"]);
        Assert.NotNull(document["paths"]!["/health"]);
    }

    [Fact]
    public async Task ServiceThatAnswers_IsDescribedByItself_AndStaysSoWhenItStops()
    {
        await using var service = await DescribedService.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(null, "--OpenApi:RetrySeconds=1", $"--ReverseProxy:Clusters:telemetry:Destinations:telemetry:Address={service.Address}");
        using (var response = await gateway.SendAsync("/openapi/v2.json"))
        {
            Assert.Equal("catalog, workflows", response.Headers.GetValues("X-Stale-Services").Single());
            Assert.Equal("Of the service.", (string?)(await ReadAsync(response))["paths"]!["/api/v2/traces"]!["get"]!["summary"]);
        }

        await service.DisposeAsync();
        await gateway.RefreshDocumentAsync();
        using var later = await gateway.SendAsync("/openapi/v2.json");
        Assert.Equal("catalog, telemetry, workflows", later.Headers.GetValues("X-Stale-Services").Single());
        var document = await ReadAsync(later);
        Assert.Equal("Of the service.", (string?)document["paths"]!["/api/v2/traces"]!["get"]!["summary"]);
        Assert.Null(document["paths"]!["/internal"]);
    }

    [Fact]
    public async Task ServiceThatAnswersRubbish_IsDescribedAsItWasCommitted()
    {
        await using var service = await DescribedService.StartAsync("""{"paths": 7}""");
        await using var gateway = await GatewayHost.StartAsync(null, $"--ReverseProxy:Clusters:telemetry:Destinations:telemetry:Address={service.Address}");
        using var response = await gateway.SendAsync("/openapi/v2.json");
        Assert.Contains("telemetry", response.Headers.GetValues("X-Stale-Services").Single(), StringComparison.Ordinal);
        Assert.NotNull((await ReadAsync(response))["paths"]!["/api/v2/traces"]!["get"]!["operationId"]);
    }

    [Fact]
    public async Task DocumentThatTheClientHas_IsNotSentAgain()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var first = await gateway.SendAsync("/openapi/v2.json", ("Accept-Encoding", "br"));
        Assert.Equal("br", first.Content.Headers.ContentEncoding.Single());
        using var second = await gateway.SendAsync("/openapi/v2.json", ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData("/docs/index.html")]
    [InlineData("/docs/index.js")]
    [InlineData("/docs/swagger-ui-bundle.js")]
    [InlineData("/docs/swagger-ui.css")]
    public async Task Docs_ComeFromHere_AndMayRunNothingElse(string path)
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var response = await gateway.SendAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DocsPage_MayApplyTheStylesThatItsScriptsHoldInside()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var script = await gateway.SendAsync("/docs/swagger-ui-standalone-preset.js");
        var styles = Regex.Matches(await script.Content.ReadAsStringAsync(), "\"style\",null,\"([^\"]+)\"");
        Assert.NotEmpty(styles);
        var policy = script.Headers.GetValues("Content-Security-Policy").Single();
        Assert.All(styles, style => Assert.Contains($"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style.Groups[1].Value)))}'", policy, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true)]
    [InlineData("text/html", true)]
    [InlineData("*/*", false)]
    [InlineData("application/json", false)]
    [InlineData("application/json, text/html;q=0.5", false)]
    [InlineData("text/html;q=0, */*", false)]
    [InlineData(null, false)]
    public async Task FrontPage_LeadsABrowserToTheDocs_AndTellsAProgramInJson(string? accept, bool leads)
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = gateway.Client.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await client.SendAsync(request);
        Assert.Equal(leads ? HttpStatusCode.Found : HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("Accept", response.Headers.Vary);
        if (leads)
            Assert.Equal("/docs", response.Headers.Location!.ToString());
        else
            Assert.Equal("Jarvis", (string?)(await ReadAsync(response))["data"]!["name"]);
    }

    [Fact]
    public async Task DocsPage_LoadsNothingFromElsewhere()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var page = await gateway.Client.GetStringAsync("/docs/index.html");
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("<script(?![^>]*src=)|\\son\\w+=|style=", page);
        using var redirect = await gateway.SendAsync("/docs");
        Assert.Equal("/docs/index.html", redirect.RequestMessage!.RequestUri!.AbsolutePath);
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStreamAsync())!.AsObject();
}
