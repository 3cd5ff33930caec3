using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Jarvis.ServiceDefaults.Tests;

public sealed class ProblemTests(EchoApp app) : IClassFixture<EchoApp>
{
    [Theory]
    [InlineData("GET", "/nope", 404, "ROUTE_NOT_FOUND")]
    [InlineData("GET", "/missing", 404, "RESOURCE_NOT_FOUND")]
    [InlineData("DELETE", "/echo", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("GET", "/boom", 500, "INTERNAL_ERROR")]
    [InlineData("GET", "/postgres", 503, "SERVICE_UNAVAILABLE")]
    [InlineData("GET", "/slow", 504, "INTEGRATION_TIMEOUT")]
    [InlineData("GET", "/bare/502", 502, "INTEGRATION_ERROR")]
    [InlineData("GET", "/bare/429", 429, "RATE_LIMITED")]
    [InlineData("GET", "/list?limit=0", 422, "VALIDATION_ERROR")]
    public async Task Failure_OfEachKind_IsTheContractsProblem(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await app.Client.SendAsync(request);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, problem.GetProperty("error_code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.False(problem.GetProperty("success").GetBoolean());
        Assert.Equal(problem.GetProperty("detail").GetString(), problem.GetProperty("error").GetString());
        Assert.Equal(path.Split('?')[0], problem.GetProperty("instance").GetString());
        Assert.StartsWith("https://jarvis.dev/errors/", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongMethod_Answer_NamesTheAllowedOnes()
    {
        using var response = await app.Client.DeleteAsync("/echo");
        Assert.Equal("GET", Assert.Single(response.Content.Headers.Allow));
    }

    [Theory]
    [InlineData("/boom")]
    [InlineData("/postgres")]
    public async Task Exception_InAHandler_LeaksNothing(string path)
    {
        var text = await (await app.Client.GetAsync(path)).Content.ReadAsStringAsync();
        foreach (var secret in (string[])["passwd", "10.0.0.1", "Exception", " at ", "Npgsql"])
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unavailable_Answer_NamesTheNeighbourAndWhenToRetry()
    {
        using var response = await app.Client.GetAsync("/postgres");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("postgres", problem.GetProperty("service").GetString());
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData("{\"customer_name\": ", "application/json", 400, "MALFORMED_REQUEST")]
    [InlineData("{\"quantity\": 1}}", "application/json", 400, "MALFORMED_REQUEST")]
    [InlineData("", "application/json", 400, "MALFORMED_REQUEST")]
    [InlineData("quantity=1", "application/x-www-form-urlencoded", 415, "MALFORMED_REQUEST")]
    [InlineData("{\"quantity\": \"many\"}", "application/json", 422, "VALIDATION_ERROR")]
    [InlineData("{\"customer_name\": \"a\", \"quantity\": 1, \"state\": \"lost\"}", "application/json", 422, "VALIDATION_ERROR")]
    public async Task Body_ThatIsWrong_IsRefused(string body, string type, int status, string code)
    {
        using var response = await app.Client.PostAsync("/body", new StringContent(body, Encoding.UTF8, type));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, problem.GetProperty("error_code").GetString());
        Assert.DoesNotContain("Jarvis", problem.GetProperty("detail").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_WithBrokenSyntax_IsToldLineAndPosition()
    {
        using var response = await app.Client.PostAsync("/body", new StringContent("{\n  \"quantity\": oops\n}", Encoding.UTF8, "application/json"));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains("line 2, position 15", problem.GetProperty("detail").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_TooDeep_IsRefused()
    {
        var deep = "{\"extra\":" + new string('[', 40) + new string(']', 40) + "}";
        using var response = await app.Client.PostAsync("/body", new StringContent(deep, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("32 levels", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_OfWhatAnswersGet_IsAnsweredWithoutABody()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/echo");
        using var response = await app.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Body_OverItsLimit_Is413()
    {
        using var response = await app.Client.PostAsync("/body", new StringContent(new string(' ', 5_000), Encoding.UTF8, "application/json"));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("PAYLOAD_TOO_LARGE", problem.GetProperty("error_code").GetString());
    }

    [Fact]
    public async Task Validation_SeveralWrongFields_NamesEveryOneInSnakeCase()
    {
        using var response = await app.Client.PostAsJsonAsync("/body", new { quantity = 99 });
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Equal(["customer_name", "quantity"], problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order());
    }

    [Fact]
    public async Task Success_Body_FollowsTheJsonRules()
    {
        using var response = await app.Client.PostAsJsonAsync("/body",
            new { customer_name = "Zoë & Søn", quantity = 2, state = "paid_in_full", placed_at = "2026-01-31T12:00:00+01:00", unknown = 1 });
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("\"customer_name\":\"Zoë & Søn\"", text, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"paid_in_full\"", text, StringComparison.Ordinal);
        Assert.Contains("\"placed_at\":\"2026-01-31T11:00:00Z\"", text, StringComparison.Ordinal);
        Assert.StartsWith("{\"success\":true,\"data\":{", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_SeveralWrongParameters_NamesEveryOne()
    {
        using var response = await app.Client.GetAsync("/list?limit=201&offset=-1");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("must be between 1 and 200", problem.GetProperty("errors").GetProperty("limit")[0].GetString());
        Assert.Equal("must be a whole number from 0", problem.GetProperty("errors").GetProperty("offset")[0].GetString());
    }

    [Fact]
    public async Task ClientGone_WhileItsBodyIsRead_IsNoFaultOfOurs()
    {
        var context = new DefaultHttpContext { RequestAborted = new CancellationToken(canceled: true) };
        var problems = new ProblemMiddleware(_ => throw new ConnectionResetException("gone"), NullLogger<ProblemMiddleware>.Instance);
        await problems.InvokeAsync(context);
        Assert.Equal(499, context.Response.StatusCode);
    }
}
