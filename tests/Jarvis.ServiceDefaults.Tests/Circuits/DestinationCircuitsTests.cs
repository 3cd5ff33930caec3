using Jarvis.ServiceDefaults.Circuits;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace Jarvis.ServiceDefaults.Tests.Circuits;

public sealed class DestinationCircuitsTests
{
    [Fact]
    public async Task Destination_ThatIsDown_DoesNotKeepOthersFromBeingAsked()
    {
        await using var good = await Neighbour.StartAsync();
        await using var bad = await Neighbour.StartAsync();
        bad.Status = 500;
        var builder = Host.CreateApplicationBuilder([$"--services:good:http:0={good.Address}", $"--services:bad:http:0={bad.Address}"]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        using var host = builder.Build();
        var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        var circuits = host.Services.GetRequiredService<CircuitRegistry>();
        (await client.GetAsync(new Uri("http://good/"))).Dispose();
        (await client.PostAsync(new Uri("http://bad/"), null)).Dispose();
        Assert.Equal(["http:bad", "http:good"], circuits.Reports().Select(circuit => circuit.Name));

        await circuits.IsolateAsync("http:bad", null, 0, CancellationToken.None);
        await Assert.ThrowsAnyAsync<BrokenCircuitException>(() => client.GetAsync(new Uri("http://bad/")));
        using var answer = await client.GetAsync(new Uri("http://good/"));
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal((1, 0, 2), (circuits.Reports()[0].Failures, circuits.Reports()[1].Failures, circuits.Reports()[1].Successes));
    }

    [Fact]
    public void Destinations_AreBounded()
    {
        var destinations = new DestinationCircuits.Destinations();
        Assert.Equal("catalog", Of("http://catalog/api"));
        Assert.Equal("example.com:8443", Of("https://example.com:8443/"));
        for (var n = 0; n < DestinationCircuits.Destinations.MaxNames; n++)
            Of($"http://host-{n}/");
        Assert.Equal("catalog", Of("http://catalog/other"));
        Assert.Equal("others", Of("http://new/"));

        string Of(string address) => destinations.Of(new HttpRequestMessage(HttpMethod.Get, address));
    }
}
