using Jarvis.Gateway.OpenApi;
using Jarvis.ServiceDefaults.Validation;

namespace Jarvis.Gateway.Tests.OpenApi;

/// <summary>
/// The words of the contract whose routes are not there yet are exactly those that <see cref="ReservedSegments"/> keeps from being taken for ids. Who adds a route
/// deletes its word there.
/// </summary>
public sealed class ReservedSegmentsTests
{
    /// <summary>The contract's paths below <c>/api/v2/</c>, also those that are still to come.</summary>
    private const string Contract =
        """
        services circuit-breakers circuit-breakers/{name}/reset circuit-breakers/{name}/isolate cache/stats cache/clear antigravity/status
        auth/register auth/login auth/refresh auth/logout auth/me auth/password/forgot auth/password/reset auth/password/change auth/ws-ticket auth/api-keys auth/setup
        users users/{id} audit
        agents agents/{id} agents/{id}/content commands commands/{id} commands/{id}/content skills skills/{id} skills/{id}/content
        mcp-servers mcp-servers/{id} mcp-servers/{id}/content mcp-servers/{id}/tools mcp-servers/{id}/probe workflows workflows/{id} workflows/{id}/content
        search catalog/diagnostics catalog/effective catalog/sources catalog/reload knowledge/search knowledge/topics knowledge/documents vectors/store vectors/search vectors/{id}
        command agent/execute workflow/trigger analyze tasks/recent tasks/dead tasks/history tasks/{id} tasks/{id}/events tasks/{id}/cancel tasks/{id}/retry tasks/{id}/approvals/{call}
        hooks workflows/active workflows/{id}/update waves waves/{id} schedules chat chat/sessions chat/import chat/sessions/{id} chat/sessions/{id}/events chat/sessions/{id}/stop
        chat/sessions/{id}/branch chat/sessions/{id}/export models suggestions suggestions/{id}/accept suggestions/{id}/dismiss notifications notifications/read notifications/preferences
        voice/transcribe voice/speak
        metrics/track metrics/history metrics/names costs/track costs/current costs/history costs/forecast costs/budgets processes traces traces/{trace_id} logs correlations/{id}
        alerts prices instances instances/{id} overview
        """;

    private static readonly string[] Planned = [.. Contract.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(path => $"/api/v2/{path}")];
    private static readonly string[] Mapped = [.. ServiceDocuments.Committed["paths"]!.AsObject().Select(path => path.Key)];

    [Fact]
    public void Table_HasTheWordsThatARouteWouldTakeForAnId_AndNoOthers()
    {
        var taken = from path in Planned.Except(Mapped, StringComparer.Ordinal)
                    let route = Mapped.FirstOrDefault(route => Takes(route.Split('/'), path.Split('/')))
                    where route is not null
                    select $"{route} {path.Split('/')[Array.FindIndex(route.Split('/'), part => part.StartsWith('{'))]}";
        var reserved = ReservedSegments.ByRoute.SelectMany(route => route.Value, (route, word) => $"{route.Key} {word}");
        Assert.Equal(taken.Order(StringComparer.Ordinal), reserved.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Contract_IsTheWholeOfIt() => Assert.Contains("/api/v2/tasks/recent", Planned.Intersect(Mapped, StringComparer.Ordinal));

    [Theory]
    [InlineData("/api/v2/tasks/dead", true)]
    [InlineData("/api/v2/tasks/DEAD/events", true)]
    [InlineData("/api/v2/tasks/deadline", false)]
    [InlineData("/api/v2/tasks/", false)]
    [InlineData("/api/v2/agents/dead", false)]
    [InlineData("", false)]
    public void Matches_TakesTheWordInItsPlace(string path, bool matches) => Assert.Equal(matches, ReservedSegments.Matches(path));

    /// <summary>Whether the route has a parameter where the path has a word, and is the same elsewhere.</summary>
    private static bool Takes(string[] route, string[] path) =>
        route.Length == path.Length && !route.SequenceEqual(path) && route.Zip(path).All(pair => pair.First == pair.Second || (pair.First.StartsWith('{') && !pair.Second.StartsWith('{')));
}
