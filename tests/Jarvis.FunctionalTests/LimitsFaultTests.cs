using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Limits while Redis is stopped and started again.</summary>
[Collection(StackCollection.Name)]
public sealed class LimitsFaultTests(JarvisStack jarvis)
{
    [Fact]
    public async Task RedisGoneAndBack_RefusesRuns_SharesTheRest_AndRecoversByItself()
    {
        await jarvis.StopResourceAsync("redis");
        try
        {
            using var run = await Eventually.GetAsync("runs are refused", TimeSpan.FromSeconds(10), async () =>
            {
                var response = await RunAsync();
                return response.StatusCode == HttpStatusCode.ServiceUnavailable ? response : null;
            });
            var problem = await run.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal("SERVICE_UNAVAILABLE", problem.GetProperty("error_code").GetString());
            Assert.Equal("redis", problem.GetProperty("service").GetString());
            Assert.NotNull(run.Headers.RetryAfter);
            using var read = await jarvis.Client.GetAsync("/api/v2/agents");
            Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        }
        finally
        {
            await jarvis.StartResourceAsync("redis");
        }
        using var again = await Eventually.GetAsync("runs are taken again", TimeSpan.FromSeconds(5), async () =>
        {
            var response = await RunAsync();
            return response.StatusCode == HttpStatusCode.ServiceUnavailable ? null : response;
        });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
    }

    // Runs nothing: the service refuses it, when the gateway lets it pass.
    private Task<HttpResponseMessage> RunAsync() => jarvis.Client.PostAsJsonAsync("/api/v2/workflow/trigger", new { webhook_path = "" });
}
