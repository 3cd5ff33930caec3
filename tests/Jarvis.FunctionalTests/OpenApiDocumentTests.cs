using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>The API description of the running stack is the committed one.</summary>
[Collection(StackCollection.Name)]
public sealed class OpenApiDocumentTests(JarvisStack jarvis)
{
    private const string Refresh = "UPDATE_OPENAPI=1 dotnet test tests/Jarvis.FunctionalTests --filter OpenApiDocument";
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string Committed = Path.Combine(Repository.Root, "docs", "openapi", "v2.json");

    [Fact]
    public async Task RunningDocument_IsTheCommittedOne()
    {
        var running = await RunningAsync();
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "1")
            await File.WriteAllTextAsync(Committed, running);
        var committed = await File.ReadAllTextAsync(Committed);
        if (running == committed)
            return;
        var (now, before) = (running.Split('\n'), committed.Split('\n'));
        var line = now.Zip(before).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail($"docs/openapi/v2.json differs from what runs, first at line {line + 1}:\n- {before.ElementAtOrDefault(line)}\n+ {now.ElementAtOrDefault(line)}\nTo take over what runs: {Refresh}");
    }

    /// <summary>The document with every service's own part in it: right after a start one of them may not have answered yet.</summary>
    private async Task<string> RunningAsync()
    {
        // A client that does not yet hold this answer against the document that it is to replace.
        using var client = new HttpClient { BaseAddress = jarvis.Client.BaseAddress };
        var document = await Eventually.GetAsync("every service describes itself", TimeSpan.FromSeconds(60), async () =>
        {
            using var response = await client.GetAsync("/openapi/v2.json");
            response.EnsureSuccessStatusCode();
            return response.Headers.Contains("X-Stale-Services") ? null : await response.Content.ReadAsStringAsync();
        });
        return $"{JsonNode.Parse(document)!.ToJsonString(Pretty)}\n";
    }
}
