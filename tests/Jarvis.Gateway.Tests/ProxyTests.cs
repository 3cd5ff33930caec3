using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.Gateway.HotCache;
using Jarvis.Gateway.Proxy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests;

/// <summary>The proxy in front of a service that never answers, both on free ports of the loopback.</summary>
public sealed class ProxyTests : IAsyncLifetime
{
    private WebApplication _service = null!;
    private WebApplication _gateway = null!;

    public async Task InitializeAsync()
    {
        _service = await StartAsync([], _ => { }, app => app.Run(context => Task.Delay(Timeout.Infinite, context.RequestAborted)));
        _gateway = await StartAsync(
            [
                "--Requests:HandlerTimeoutSeconds=1", $"--ReverseProxy:Clusters:slow:Destinations:one:Address={Address(_service)}",
                "--ReverseProxy:Routes:short:ClusterId=slow", "--ReverseProxy:Routes:short:AuthorizationPolicy=Anonymous", "--ReverseProxy:Routes:long:AuthorizationPolicy=Anonymous", "--ReverseProxy:Routes:short:Match:Path=/short",
                "--ReverseProxy:Routes:long:ClusterId=slow", "--ReverseProxy:Routes:long:Match:Path=/long", "--ReverseProxy:Routes:long:Timeout=00:00:02",
            ],
            builder =>
            {
                builder.AddServiceDefaults();
                builder.AddHotCache();
                builder.AddProxy();
            },
            app =>
            {
                app.UseServiceDefaults();
                app.MapProxy();
            });
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("/short", 1)]
    [InlineData("/long", 2)]
    public async Task Service_ThatDoesNotAnswerWithinTheRoutesLimit_IsNamedIn504(string path, int seconds)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        using var response = await client.GetAsync(new Uri(Address(_gateway) + path));
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(504, (int)response.StatusCode);
        Assert.Equal("INTEGRATION_TIMEOUT", problem.GetProperty("error_code").GetString());
        Assert.Equal("slow", problem.GetProperty("service").GetString());
        Assert.True(elapsed >= TimeSpan.FromSeconds(seconds - 0.1), $"answered after {elapsed}");
    }

    private static async Task<WebApplication> StartAsync(string[] args, Action<WebApplicationBuilder> add, Action<WebApplication> use)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        add(builder);
        var app = builder.Build();
        use(app);
        await app.StartAsync();
        return app;
    }

    private static string Address(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
