using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Jarvis.Tests.Shared;

namespace Jarvis.Telemetry.Tests;

/// <summary>Every operation of the service with its names misspelt, and with names that nobody knows.</summary>
public sealed class UnknownNamesTests(TelemetryHost host) : IClassFixture<TelemetryHost>
{
    private static readonly string Padding = new('x', 150);
    private readonly MisspeltNames _names = new(host.Client);

    public static TheoryData<string> Operations => [.. MisspeltNames.OperationsOf("Metrics", "Traces", "OTLP")];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Name_ThatIsMisspelt_IsRefusedWithTheRightOne(string operation) => _names.EachIsRefusedAsync(operation);

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Name_ThatLooksLikeNothingKnown_IsIgnored(string operation) => _names.UnrelatedOnesAreIgnoredAsync(operation);

    [Fact]
    public void Operations_AreAllOfTheService() =>
        Assert.Empty(MisspeltNames.OperationsOf("Metrics", "Traces", "OTLP").Except(MisspeltNames.MappedBy(host.Services), StringComparer.Ordinal));

    [Fact]
    public async Task ManyPoints_AreLookedThrough_AndTheirTagsAreTheCallersOwn()
    {
        // Above what one buffer of the server holds: the body is looked at as a whole, and then still there for the handler.
        var points = string.Join(',', Enumerable.Range(0, 9_999).Select(index =>
            string.Create(CultureInfo.InvariantCulture, $$$"""{"metric_name": "a.b", "value": {{{index}}}, "unit": "ms", "tags": {"valeu": 1, "padding": "{{{Padding}}}"}}""")));
        var errors = await ErrorsAsync($$"""{"points": [{{points}}, {"metric_name": "a.b", "value": 1, "timestmp": 1}]}""");
        Assert.Equal(["points[9999].timestmp"], errors.EnumerateObject().Select(error => error.Name));
        errors = await ErrorsAsync($$"""{"points": [{{points}}, {"metric_name": "A", "value": 1}]}""");
        Assert.Equal(["points[9999].metric_name"], errors.EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task Tag_GivenTwice_IsRefused()
    {
        var errors = await ErrorsAsync("""{"metric_name": "a.b", "value": 1, "tags": {"a": 1, "a": 2}}""");
        Assert.Equal("is given more than once", errors.GetProperty("tags.a")[0].GetString());
    }

    private async Task<JsonElement> ErrorsAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await host.Client.PostAsync("/api/v2/metrics/track", content);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
    }
}
