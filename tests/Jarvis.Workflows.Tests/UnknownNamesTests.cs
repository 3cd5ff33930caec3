using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.Tests.Shared;

namespace Jarvis.Workflows.Tests;

/// <summary>Every operation of the service with its names misspelt, with names that nobody knows, and with words of the contract for ids.</summary>
public sealed class UnknownNamesTests(WorkflowsHost host) : IClassFixture<WorkflowsHost>
{
    private readonly MisspeltNames _names = new(host.Client);

    public static TheoryData<string> Operations => [.. MisspeltNames.OperationsOf("Workflows", "Tasks")];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Name_ThatIsMisspelt_IsRefusedWithTheRightOne(string operation) => _names.EachIsRefusedAsync(operation);

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Name_ThatLooksLikeNothingKnown_IsIgnored(string operation) => _names.UnrelatedOnesAreIgnoredAsync(operation);

    [Fact]
    public void Operations_AreAllOfTheService() =>
        Assert.Empty(MisspeltNames.OperationsOf("Workflows", "Tasks").Except(MisspeltNames.MappedBy(host.Services), StringComparer.Ordinal));

    [Theory]
    [InlineData("""{"webhook_path": "a", "wait": 30}""", "wait", "belongs into the address, not into the body: ?wait=")]
    [InlineData("""{"webhook_path": "a", "idempotency_key": "k"}""", "idempotency_key", "is not a field of this body: send the header Idempotency-Key")]
    [InlineData("""{"webhook_path": "a", "data": {}}""", "data", "is not a field of this body; did you mean 'payload'?")]
    [InlineData("""{"webhook_path": "a", "webhook_path": "b"}""", "webhook_path", "is given more than once")]
    public async Task Field_InTheWrongPlace_IsRefused(string body, string name, string message)
    {
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var response = await host.Client.PostAsync("/api/v2/workflow/trigger", content);
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Equal(message, errors.GetProperty(name)[0].GetString());
    }

    [Fact]
    public async Task Payload_IsTheWorkflowsOwn()
    {
        using var response = await host.Client.PostAsJsonAsync("/api/v2/workflow/trigger", new { webhook_path = 1, payload = new { metod = 1, Payload = 2, workflow_Id = 3 } });
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Equal(["webhook_path"], errors.EnumerateObject().Select(error => error.Name));
    }

    [Theory]
    [InlineData("GET", "tasks/dead", 404, "ROUTE_NOT_FOUND")]
    [InlineData("GET", "tasks/history?domain=x", 404, "ROUTE_NOT_FOUND")]
    [InlineData("POST", "tasks/dead", 404, "ROUTE_NOT_FOUND")]
    [InlineData("GET", "tasks/History", 404, "ROUTE_NOT_FOUND")]
    [InlineData("GET", "tasks/dead/events", 404, "ROUTE_NOT_FOUND")]
    [InlineData("POST", "tasks/recent/cancel", 404, "ROUTE_NOT_FOUND")]
    [InlineData("GET", "tasks/deadline", 404, "RESOURCE_NOT_FOUND")]
    [InlineData("GET", "tasks/no-uuid", 404, "RESOURCE_NOT_FOUND")]
    [InlineData("POST", "tasks/recent", 405, "METHOD_NOT_ALLOWED")]
    public async Task Word_OfTheContract_IsNoId(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v2/{path}");
        using var response = await host.Client.SendAsync(request);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((status, code), ((int)response.StatusCode, problem.GetProperty("error_code").GetString()));
    }
}
