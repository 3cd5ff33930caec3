using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

[Collection(StackCollection.Name)]
public sealed class FrontTests(JarvisStack jarvis)
{
    [Fact]
    public async Task Root_SaysWhatIsThere_AndEveryLinkWorks()
    {
        var welcome = await jarvis.GetAsync("/");
        Assert.Equal("Jarvis", welcome.GetProperty("name").GetString());
        foreach (var link in welcome.GetProperty("links").EnumerateObject())
        {
            using var response = await jarvis.Client.GetAsync(link.Value.GetString());
            Assert.True(response.IsSuccessStatusCode, $"{link.Name}: {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task Health_OfAll_IsHealthyAndNamesEveryService()
    {
        var health = await jarvis.GetAsync("/health");
        Assert.Equal(["catalog", "gateway", "telemetry", "workflows"], health.GetProperty("services").EnumerateObject().Select(service => service.Name).Order());
        Assert.Equal("healthy", health.GetProperty("services").GetProperty("workflows").GetProperty("checks").GetProperty("postgres").GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("GET", "/api/v2/nope", 404, "ROUTE_NOT_FOUND")]
    [InlineData("GET", "/api/v9/agents", 404, "ROUTE_NOT_FOUND")]
    [InlineData("PATCH", "/api/v2/agents", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("GET", "/api/v2/workflow/trigger", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("GET", "/api/v2/agents?limit=0", 422, "VALIDATION_ERROR")]
    [InlineData("GET", "/api/v2/search", 422, "VALIDATION_ERROR")]
    [InlineData("GET", "/api/v2/traces/xyz", 422, "VALIDATION_ERROR")]
    [InlineData("GET", "/health/nobody", 404, "RESOURCE_NOT_FOUND")]
    public async Task WrongRequest_OfAnyKind_IsTheContractsProblem(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("X-Correlation-ID", "front-0001");
        using var response = await jarvis.Client.SendAsync(request);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, problem.GetProperty("error_code").GetString());
        Assert.Equal("front-0001", problem.GetProperty("correlation_id").GetString());
        Assert.Equal(["front-0001"], response.Headers.GetValues("X-Correlation-ID"));
    }

    [Theory]
    [InlineData("{\"webhook_path\": ", 400)]
    [InlineData("", 400)]
    [InlineData("[]", 400)]
    public async Task Body_ThatIsNoRequest_IsRefused(string body, int status)
    {
        using var response = await jarvis.Client.PostAsync("/api/v2/workflow/trigger", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Body_OverItsLimit_Is413(bool chunked, bool expectContinue)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/workflow/trigger")
        {
            Content = new StringContent($"{{\"webhook_path\": \"{new string('x', 2_000_000)}\"}}", Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = expectContinue;
        using var response = await jarvis.Client.SendAsync(request);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("PAYLOAD_TOO_LARGE", problem.GetProperty("error_code").GetString());
    }

    [Fact]
    public async Task Write_FromAForeignPage_IsForbidden()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/workflow/trigger") { Content = JsonContent.Create(new { webhook_path = "evil" }) };
        request.Headers.Add("Origin", "https://evil.example");
        using var response = await jarvis.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(jarvis.N8n.Calls("evil"));
    }

    [Fact]
    public async Task Request_UnderAForeignHostName_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/agents");
        request.Headers.Host = "rebound.example";
        using var response = await jarvis.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }
}
