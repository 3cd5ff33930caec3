using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.Gateway.Tests.Edge;
using Jarvis.Gateway.Tests.Services;

namespace Jarvis.Gateway.Tests.Limits;

public sealed class ServiceQueuesTests
{
    [Fact]
    public async Task Service_WithTooMuchToDo_IsNamed_AndOthersAreServed()
    {
        await using var edge = await EdgeHost.StartAsync("--Limits:Concurrency:edge=1", "--Limits:Queue=1", "--Limits:MaxWaitMs=60000");
        var first = edge.SendAsync("GET", "/edge/gate/one");
        await edge.ArrivedAsync("one");
        // One of these waits, and the others are refused at once: whichever comes first.
        var more = Enumerable.Range(0, 4).Select(_ => edge.SendAsync("GET", "/edge/text/5")).ToArray();
        foreach (var refused in await FirstAsync(more, 3))
        {
            Assert.Equal(503, (int)refused.StatusCode);
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal("SERVICE_UNAVAILABLE", problem.GetProperty("error_code").GetString());
            Assert.Equal("edge", problem.GetProperty("service").GetString());
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        using var other = await edge.SendAsync("GET", "/api/v2/agents");
        Assert.Equal(200, (int)other.StatusCode);
        edge.Open("one");
        using var served = await first;
        Assert.Equal(200, (int)served.StatusCode);
        Assert.Equal([200, 503, 503, 503], (await Task.WhenAll(more)).Select(response => (int)response.StatusCode).Order());
    }

    [Fact]
    public async Task Request_ThatWaitsTooLong_IsRefused()
    {
        await using var edge = await EdgeHost.StartAsync("--Limits:InFlight=1", "--Limits:MaxWaitMs=50");
        var first = edge.SendAsync("GET", "/edge/gate/long");
        await edge.ArrivedAsync("long");
        using var second = await edge.SendAsync("GET", "/edge/text/5");
        Assert.Equal(503, (int)second.StatusCode);
        edge.Open("long");
        using var served = await first;
        using var third = await edge.SendAsync("GET", "/edge/text/5");
        Assert.Equal([200, 200], [(int)served.StatusCode, (int)third.StatusCode]);
    }

    [Fact]
    public async Task Events_HoldNoPlace()
    {
        await using var edge = await EdgeHost.StartAsync("--Limits:InFlight=1", "--Limits:Queue=0");
        using var events = await edge.Client.GetAsync(new Uri("/edge/events/queue", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)events.StatusCode);
        using var other = await edge.SendAsync("GET", "/edge/text/5");
        Assert.Equal(200, (int)other.StatusCode);
        edge.Open("queue");
    }

    [Fact]
    public async Task Wait_ForTheEndOfATask_HoldsNoPlace()
    {
        await using var edge = await EdgeHost.StartAsync("--Limits:InFlight=1", "--Limits:Queue=0", Waits);
        var waiting = edge.SendAsync("GET", "/edge/gate/task?wait=30");
        await edge.ArrivedAsync("task");
        using (var other = await edge.SendAsync("GET", "/edge/text/5"))
            Assert.Equal(200, (int)other.StatusCode);
        edge.Open("task");
        using var served = await waiting;
        Assert.Equal(200, (int)served.StatusCode);
    }

    [Theory]
    [InlineData("--Limits:WaitingPerUser=1")]
    [InlineData("--Limits:Waiting=1")]
    public async Task Wait_OverItsBound_IsLeftOut_UntilAnotherEnds(string bound)
    {
        await using var edge = await EdgeHost.StartAsync(bound, Waits);
        var waiting = edge.SendAsync("GET", "/edge/gate/task?wait=30");
        await edge.ArrivedAsync("task");
        Assert.Equal("?x=1&y=%26", await edge.Client.GetStringAsync("/edge/query?x=1&wait=30&y=%26"));
        edge.Open("task");
        (await waiting).Dispose();
        await FakeProcess.UntilAsync(async () => await edge.Client.GetStringAsync("/edge/query?wait=30") == "?wait=30");
        Assert.Equal("?wait=0", await edge.Client.GetStringAsync("/edge/query?wait=0"));
    }

    private const string Waits = "--ReverseProxy:Routes:edge:Metadata:Waits=wait";

    private static async Task<List<HttpResponseMessage>> FirstAsync(IEnumerable<Task<HttpResponseMessage>> requests, int count)
    {
        var answered = new List<HttpResponseMessage>();
        await foreach (var request in Task.WhenEach(requests))
        {
            answered.Add(await request);
            if (answered.Count == count)
                break;
        }
        return answered;
    }
}
