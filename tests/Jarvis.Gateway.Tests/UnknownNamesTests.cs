using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.Tests.Shared;

namespace Jarvis.Gateway.Tests;

/// <summary>Every operation of the gateway itself with its names misspelt, and with names that nobody knows.</summary>
public sealed class UnknownNamesTests(UnlimitedGateway shared) : IClassFixture<UnlimitedGateway>
{
    private readonly GatewayHost _gateway = shared.Host;

    public static TheoryData<string> Operations => [.. MisspeltNames.OperationsOf("System", "Identity")];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Name_IsRefusedWhenItIsMisspelt_AndIgnoredWhenItLooksLikeNothingKnown(string operation)
    {
        var names = new MisspeltNames(_gateway.Client);
        await names.EachIsRefusedAsync(operation);
        await names.UnrelatedOnesAreIgnoredAsync(operation);
    }

    [Fact]
    public void Operations_OfTheDescription_AreAllOfThoseWhoseTestsAskForThem()
    {
        Assert.Empty(MisspeltNames.OperationsOf("System", "Identity").Except(MisspeltNames.MappedBy(_gateway.Services), StringComparer.Ordinal));
        Assert.Equal(["Catalog", "Identity", "Metrics", "OTLP", "Search", "System", "Tasks", "Traces", "Version 1", "Workflows"], MisspeltNames.Tags.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("POST", "auth/api-keys", """{"name": "ci", "expires_at": "2027-01-01"}""", "expires_at", "is not a field of this body; did you mean 'expires_in_days'?")]
    [InlineData("POST", "auth/api-keys?expires_in_days=7", """{"name": "ci"}""", "expires_in_days", "is a field of the body, not a parameter of the address")]
    [InlineData("POST", "cache/clear", """{"cache": "hot"}""", "cache", "belongs into the address, not into the body: ?cache=")]
    [InlineData("PATCH", "users/0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47", """{"enabled": false}""", "enabled", "is not a field of this body; did you mean 'disabled'?")]
    [InlineData("GET", "audit?page=2", null, "page", "is not a parameter of this route; did you mean 'cursor'?")]
    public async Task Name_OfWhatSomebodyMeant_IsRefused(string method, string path, string? body, string name, string message)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v2/{path}");
        if (body is not null)
            request.Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var response = await _gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal(message, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty(name)[0].GetString());
    }
}

/// <summary>One gateway for all tests, without limits: those of sign-in want Redis.</summary>
public sealed class UnlimitedGateway : IAsyncLifetime
{
    internal GatewayHost Host { get; private set; } = null!;

    public async Task InitializeAsync() =>
        Host = await GatewayHost.StartAsync(null, "--Limits:Read=0", "--Limits:Write=0", "--Limits:Execute=0", "--Limits:Auth=0");

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
