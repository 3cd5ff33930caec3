using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>The table of docs/legacy-routes.md, row by row, against the running stack.</summary>
[Collection(StackCollection.Name)]
public sealed partial class LegacyTableTests(JarvisStack jarvis)
{
    private const string ToCome = "still to come";
    private const string VersionOne = "version 1";

    // What a route needs to be answered with a success.
    private static readonly Dictionary<string, string> Queries = new(StringComparer.Ordinal)
    {
        ["/search"] = "?q=harbour",
        ["/api/v1/search"] = "?q=harbour",
        ["/metrics/history"] = "?metric_name=host.cpu.percent",
    };

    private static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["/workflow/trigger"] = """{"webhook_path": "legacy-table"}""",
        ["/metrics/track"] = """{"metric_name": "legacy.table", "value": 1}""",
    };

    private static readonly Dictionary<string, string> Ids = new(StringComparer.Ordinal)
    {
        ["/agents/"] = "tide-watcher",
        ["/commands/"] = "tidy-branches",
        ["/skills/"] = "release-notes",
        ["/mcp-servers/"] = "harbour",
        ["/workflows/"] = "Test%20Echo",
    };

    private static readonly IReadOnlyList<(string Method, string Old, string Current)> Table = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "legacy-routes.md"))
        .Select(line => Row().Match(line)).Where(row => row.Success)
        .Select(row => (row.Groups["method"].Value, row.Groups["old"].Value, row.Groups["current"].Value.Trim('`')))];

    public static TheoryData<string, string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var (method, old, current) in Table)
                rows.Add(method, old, current);
            return rows;
        }
    }

    /// <summary>Every path that the old backend and the old dashboard had.</summary>
    [Theory]
    [InlineData("/agents /commands /skills /mcp-servers /workflows /search /command /agent/execute /workflow/trigger /analyze /knowledge/search /knowledge/topics /processes /tasks/recent")]
    [InlineData("/ws /antigravity/status /metrics/history /metrics/track /costs/current /costs/track /workflows/active /workflows/{id}/update /api/cache/stats /api/cache/clear")]
    [InlineData("/api/v1/circuit-breakers /api/v1/tasks/history /health")]
    public void Table_HasEveryOldPath(string paths)
    {
        var rows = Table.Select(row => row.Old).ToHashSet(StringComparer.Ordinal);
        Assert.All(paths.Split(' '), path => Assert.Contains(path, rows));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Row_IsAsItSays(string method, string old, string current)
    {
        using var answer = await SendAsync(method, old, old);
        var body = await BodyAsync(answer);
        if (current == ToCome)
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal("ROUTE_NOT_FOUND", body.GetProperty("error_code").GetString());
        }
        else if (current == VersionOne)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(body.TryGetProperty("count", out _));
            Assert.True(answer.Headers.Contains("Sunset"));
        }
        else
        {
            using var now = await SendAsync(method, current, old);
            Assert.Equal(now.StatusCode, answer.StatusCode);
            Assert.NotEqual("ROUTE_NOT_FOUND", body.TryGetProperty("error_code", out var code) ? code.GetString() : null);
            Assert.Equal(Shape(await BodyAsync(now)), Shape(body));
            Assert.Equal(old.StartsWith("/api/v1/", StringComparison.Ordinal), answer.Headers.Contains("Deprecation"));
        }
    }

    /// <summary>
    /// Names and kinds of the members, two levels deep: below that lie the items, which another test may have changed meanwhile. When something happens is not the shape:
    /// of two tasks one may have started while the other waits.
    /// </summary>
    private static string Shape(JsonElement value, int depth = 2) => value.ValueKind == JsonValueKind.Object && depth > 0
        ? $"{{{string.Join(", ", value.EnumerateObject().Select(member => member.Name.EndsWith("_at", StringComparison.Ordinal) ? $"{member.Name}: time" : $"{member.Name}: {Shape(member.Value, depth - 1)}"))}}}"
        : value.ValueKind.ToString();

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string row)
    {
        var parts = Ids.FirstOrDefault(id => row.StartsWith(id.Key, StringComparison.Ordinal));
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{path.Replace("{id}", parts.Value, StringComparison.Ordinal)}{Queries.GetValueOrDefault(row)}");
        if (Bodies.TryGetValue(row, out var json))
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await jarvis.Client.SendAsync(request);
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync() is { Length: > 0 } text ? text : "{}").RootElement;

    [GeneratedRegex(@"^\| (?<method>GET|POST) `(?<old>/[^`]*)` \| (?<current>[^|]+) \|$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Row();
}
