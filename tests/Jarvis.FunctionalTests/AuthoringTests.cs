using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Agents made here, through the gateway and with the real database.</summary>
[Collection(StackCollection.Name)]
public sealed class AuthoringTests(JarvisStack jarvis)
{
    private const string Agents = "/api/v2/agents";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Agent_MadeHere_IsServedListedFoundAndExported()
    {
        using var made = await MakeAsync("kelp-counter", "Counts kelp: daily.", "You count kelp.", tools: ["Read", "Grep"]);
        var data = await DataAsync(made, HttpStatusCode.Created);
        Assert.Equal($"{Agents}/kelp-counter", made.Headers.Location!.OriginalString);
        Assert.Equal(("jarvis", 1, true), (data.GetProperty("source").GetString(), data.GetProperty("version").GetInt32(), data.GetProperty("editable").GetBoolean()));

        using var read = await jarvis.Client.GetAsync(made.Headers.Location);
        Assert.Equal(made.Headers.ETag, read.Headers.ETag);
        Assert.False(read.Headers.ETag!.IsWeak);
        Assert.Equal(data.GetRawText(), (await DataAsync(read)).GetRawText());
        await SoonAsync("it is listed", async () => (await jarvis.GetAsync($"{Agents}?limit=200")).GetProperty("agents").EnumerateArray().Any(IsIt));
        await SoonAsync("search finds it", async () => (await jarvis.GetAsync("/api/v2/search?q=kelp")).GetProperty("results").EnumerateArray().Any(IsIt));

        const string File = "---\nname: kelp-counter\ndescription: \"Counts kelp: daily.\"\ntools: Read, Grep\n---\n\nYou count kelp.\n";
        Assert.Equal(File, await jarvis.Client.GetStringAsync($"{Agents}/kelp-counter/content?raw=true"));
        Assert.Equal(File, (await jarvis.GetAsync($"{Agents}/kelp-counter/content")).GetProperty("content").GetString());
        Assert.Equal(File, (await jarvis.GetAsync($"{Agents}/kelp-counter/versions/1")).GetProperty("content").GetString());

        static bool IsIt(JsonElement item) => item.GetProperty("id").GetString() == "kelp-counter";
    }

    [Fact]
    public async Task History_OfLargeVersions_IsBoundedByBytesAndEndsWithTheAgent()
    {
        using var made = await MakeAsync("whale-singer", "Sings.", "Sing.");
        for (var version = 2; version <= 12; version++)
        {
            using var replaced = await jarvis.Client.SendAsync(new(HttpMethod.Put, $"{Agents}/whale-singer")
            {
                Headers = { { "If-Match", "*" } },
                Content = JsonContent.Create(new { description = "Sings.", system_prompt = $"{version} {new string('o', 250_000)}" }),
            });
            Assert.Equal(version, (await DataAsync(replaced)).GetProperty("version").GetInt32());
        }

        // Two megabytes of a quarter each.
        var kept = (await jarvis.GetAsync($"{Agents}/whale-singer/versions?limit=100")).GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("version").GetInt32()).ToList();
        Assert.Equal([12, 11, 10, 9, 8, 7, 6, 5], kept);
        using var deleted = await jarvis.Client.DeleteAsync($"{Agents}/whale-singer");
        Assert.True((await DataAsync(deleted)).GetProperty("deleted").GetBoolean());
        using var again = await MakeAsync("whale-singer", "Sings again.", "Sing.");
        Assert.Equal(13, (await DataAsync(again, HttpStatusCode.Created)).GetProperty("version").GetInt32());
        Assert.Equal(1, (await jarvis.GetAsync($"{Agents}/whale-singer/versions")).GetProperty("pagination").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Replacement_WithTheTagThatGetGave_IsTheNextVersion_AndWithAnOldOneRefused()
    {
        using var made = await MakeAsync("reef-painter", "Paints reefs.", "Paint.");
        using var read = await jarvis.Client.GetAsync($"{Agents}/reef-painter");
        using var replaced = await ReplaceAsync("reef-painter", "Paints coral.", read.Headers.ETag!.ToString());
        var data = await DataAsync(replaced);
        Assert.Equal((2, "Paints coral."), (data.GetProperty("version").GetInt32(), data.GetProperty("description").GetString()));
        Assert.NotEqual(read.Headers.ETag, replaced.Headers.ETag);

        using var stale = await ReplaceAsync("reef-painter", "Paints sand.", read.Headers.ETag.ToString());
        Assert.Equal(2, (await ProblemAsync(stale, HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED")).GetProperty("version").GetInt32());
        using var blind = await ReplaceAsync("reef-painter", "Paints sand.", ifMatch: null);
        await ProblemAsync(blind, HttpStatusCode.PreconditionRequired, "PRECONDITION_REQUIRED");
        using var compressed = await ReplaceAsync("reef-painter", "Paints shells.", replaced.Headers.ETag!.ToString().Insert(replaced.Headers.ETag.ToString().Length - 1, "-gz"));
        Assert.Equal(3, (await DataAsync(compressed)).GetProperty("version").GetInt32());
        using var counted = await ReplaceAsync("reef-painter", "Paints crabs.", "\"3\"");
        Assert.Equal(4, (await DataAsync(counted)).GetProperty("version").GetInt32());
        using var whatever = await ReplaceAsync("reef-painter", "Paints all.", "*");
        Assert.Equal(5, (await DataAsync(whatever)).GetProperty("version").GetInt32());

        var versions = await jarvis.GetAsync($"{Agents}/reef-painter/versions?limit=2&offset=1");
        Assert.Equal([4, 3], versions.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("version").GetInt32()));
        Assert.Equal(5, versions.GetProperty("pagination").GetProperty("total").GetInt32());
        await SoonAsync("the newest is found", async () => (await jarvis.GetAsync("/api/v2/search?q=%22paints%20all%22")).GetProperty("results").GetArrayLength() > 0);
    }

    [Fact]
    public async Task Writes_AtTheSameTime_ExactlyOneWins()
    {
        var makers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => MakeAsync("gull-feeder", $"Maker {i}.", "Feed.")));
        Assert.Equal([HttpStatusCode.Created, .. Enumerable.Repeat(HttpStatusCode.Conflict, 7)], makers.Select(response => response.StatusCode).Order());

        var tag = makers.Single(response => response.StatusCode == HttpStatusCode.Created).Headers.ETag!.ToString();
        var writers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ReplaceAsync("gull-feeder", $"Writer {i}.", tag)));
        Assert.Equal([HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.PreconditionFailed, 7)], writers.Select(response => response.StatusCode).Order());
        var winner = await DataAsync(writers.Single(response => response.StatusCode == HttpStatusCode.OK));
        Assert.Equal(2, winner.GetProperty("version").GetInt32());
        await SoonAsync("the winner's is served", async () =>
            (await jarvis.GetAsync($"{Agents}/gull-feeder")).GetProperty("description").GetString() == winner.GetProperty("description").GetString());
    }

    [Fact]
    public async Task Deletion_IsFinal_AndANameThatComesAgainGoesOnCounting()
    {
        using var made = await MakeAsync("buoy-polisher", "Polishes.", "Polish.");
        using (var stale = await DeleteAsync("buoy-polisher", "\"99\""))
            await ProblemAsync(stale, HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED");
        using (var deleted = await DeleteAsync("buoy-polisher", made.Headers.ETag!.ToString()))
            Assert.True((await DataAsync(deleted)).GetProperty("deleted").GetBoolean());
        using (var repeat = await DeleteAsync("buoy-polisher", ifMatch: null))
            await ProblemAsync(repeat, HttpStatusCode.NotFound, "RESOURCE_NOT_FOUND");
        using (var replaced = await ReplaceAsync("buoy-polisher", "Polishes.", "*"))
            await ProblemAsync(replaced, HttpStatusCode.NotFound, "RESOURCE_NOT_FOUND");
        await SoonAsync("it is gone", async () =>
        {
            using var read = await jarvis.Client.GetAsync($"{Agents}/buoy-polisher");
            return read.StatusCode == HttpStatusCode.NotFound;
        });
        using var again = await MakeAsync("buoy-polisher", "Polishes.", "Polish.");
        Assert.Equal(2, (await DataAsync(again, HttpStatusCode.Created)).GetProperty("version").GetInt32());
        using var former = await ReplaceAsync("buoy-polisher", "Polishes.", "\"1\"");
        await ProblemAsync(former, HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED");
    }

    [Fact]
    public async Task FilesAgent_IsReadOnly_AndItsNameTaken()
    {
        using var made = await MakeAsync("tide-watcher", "Mine.", "Watch.");
        Assert.Equal("agents/tide-watcher.md", (await ProblemAsync(made, HttpStatusCode.Conflict, "CONFLICT")).GetProperty("path").GetString());
        using var replaced = await ReplaceAsync("tide-watcher", "Mine.", "*");
        await ProblemAsync(replaced, HttpStatusCode.Conflict, "CONFLICT");
        using var deleted = await DeleteAsync("tide-watcher", ifMatch: null);
        await ProblemAsync(deleted, HttpStatusCode.Conflict, "CONFLICT");
    }

    [Fact]
    public async Task Catalog_StartedAgain_HasItsAgentsFromTheFirstAnswerOn()
    {
        using var made = await MakeAsync("net-mender", "Mends nets.", "Mend.");
        await DataAsync(made, HttpStatusCode.Created);
        await jarvis.StopResourceAsync("catalog");
        await jarvis.StartResourceAsync("catalog");
        await SoonAsync("reads are answered", async () =>
        {
            using var read = await jarvis.Client.GetAsync($"{Agents}/net-mender");
            Assert.NotEqual(HttpStatusCode.NotFound, read.StatusCode);
            return read.IsSuccessStatusCode && read.Headers.ETag!.Equals(made.Headers.ETag);
        });
    }

    [Fact]
    public async Task Postgres_Stopped_WritesAreRefusedAndReadsGoOn_ThenWritesWorkAgain()
    {
        using var made = await MakeAsync("shell-sorter", "Sorts shells.", "Sort.");
        await DataAsync(made, HttpStatusCode.Created);
        await jarvis.StopResourceAsync("postgres");
        try
        {
            using (var refused = await ReplaceAsync("shell-sorter", "Sorts sand.", "*"))
            {
                Assert.Equal("postgres", (await ProblemAsync(refused, HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE")).GetProperty("service").GetString());
                Assert.NotNull(refused.Headers.RetryAfter);
            }

            Assert.Equal("Sorts shells.", (await jarvis.GetAsync($"{Agents}/shell-sorter")).GetProperty("description").GetString());
            Assert.Equal("tide-watcher", (await jarvis.GetAsync($"{Agents}/tide-watcher")).GetProperty("id").GetString());
        }
        finally
        {
            await jarvis.StartResourceAsync("postgres");
        }

        await SoonAsync("writes are accepted again", async () =>
        {
            using var replaced = await ReplaceAsync("shell-sorter", "Sorts pearls.", "*");
            return replaced.IsSuccessStatusCode;
        });
        await SoonAsync("the change is served", async () => (await jarvis.GetAsync($"{Agents}/shell-sorter")).GetProperty("description").GetString() == "Sorts pearls.");
    }

    private Task<HttpResponseMessage> MakeAsync(string name, string description, string prompt, string[]? tools = null) =>
        jarvis.Client.PostAsJsonAsync(Agents, new { name, description, system_prompt = prompt, tools });

    private async Task<HttpResponseMessage> ReplaceAsync(string name, string description, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Agents}/{name}") { Content = JsonContent.Create(new { description, system_prompt = "Do." }) };
        Match(request, ifMatch);
        return await jarvis.Client.SendAsync(request);
    }

    private async Task<HttpResponseMessage> DeleteAsync(string name, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"{Agents}/{name}");
        Match(request, ifMatch);
        return await jarvis.Client.SendAsync(request);
    }

    private static void Match(HttpRequestMessage request, string? tag)
    {
        if (tag is not null)
            request.Headers.IfMatch.Add(tag == "*" ? EntityTagHeaderValue.Any : EntityTagHeaderValue.Parse(tag));
    }

    private static async Task<JsonElement> DataAsync(HttpResponseMessage response, HttpStatusCode status = HttpStatusCode.OK)
    {
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(status == response.StatusCode, $"{response.StatusCode}: {body}");
        return body.GetProperty("data");
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(status == response.StatusCode && body.GetProperty("error_code").GetString() == code, $"{response.StatusCode}: {body}");
        return body;
    }

    private static async Task SoonAsync(string what, Func<Task<bool>> holds) => await Eventually.GetAsync(what, Soon, async () => await holds() ? "yes" : null);
}
