using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests.Realtime;

/// <summary>A stream of server-sent events behind the gateway's own routes.</summary>
public sealed class SseProxyTests
{
    [Fact]
    public async Task Stream_ComesUnbufferedAndOutlivesTheTimeLimitOfOtherRoutes()
    {
        var go = new SemaphoreSlim(0);
        await using var service = await StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var n = 0; n < 3; n++)
            {
                await go.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync($"data: {n} of {context.Request.Headers["Last-Event-ID"]}\n\n");
                await context.Response.Body.FlushAsync();
            }
        });
        await using var gateway = await GatewayHost.StartAsync(null, $"--ReverseProxy:Clusters:workflows:Destinations:workflows:Address={Address(service)}", "--Requests:HandlerTimeoutSeconds=1");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/tasks/01890000-0000-7000-8000-000000000001/events");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", "7");
        go.Release();
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("data: 0 of 7", await lines.ReadLineAsync());
        // A route with the limit would be cut off in this time.
        using (var longer = new PeriodicTimer(TimeSpan.FromSeconds(1.5)))
            await longer.WaitForNextTickAsync();
        go.Release(2);
        Assert.Equal("\ndata: 1 of 7\n\ndata: 2 of 7\n\n", await lines.ReadToEndAsync());
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(handler);
        await app.StartAsync();
        return app;
    }

    private static string Address(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
