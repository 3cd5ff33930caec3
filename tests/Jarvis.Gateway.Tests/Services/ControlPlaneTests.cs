using System.Net;
using Jarvis.Gateway.Services;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests.Services;

public sealed class ControlPlaneTests
{
    [Fact]
    public async Task ServiceKey_DoesNotPassTheProxyOfTheEnvironment()
    {
        var (service, seen) = await StartAsync();
        var (proxy, seenByProxy) = await StartAsync();
        await using var first = service;
        await using var second = proxy;
        var (target, before) = (new Uri(service.Urls.First()), HttpClient.DefaultProxy);
        HttpClient.DefaultProxy = new OneAddress(new(proxy.Urls.First()), target, before);
        try
        {
            using var client = ControlPlane.CreateClient(new SecurityOptions { ServiceKey = "key-of-a-test" });
            (await client.GetAsync(target)).Dispose();
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
        Assert.Equal(["key-of-a-test"], seen);
        Assert.Empty(seenByProxy);
    }

    private static async Task<(WebApplication App, List<string> Keys)> StartAsync()
    {
        var keys = new List<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(context =>
        {
            keys.Add(context.Request.Headers[ServiceKey.Header].ToString());
            return context.Response.WriteAsync("answered");
        });
        await app.StartAsync();
        return (app, keys);
    }

    /// <summary>Other tests of this process go on without it.</summary>
    private sealed class OneAddress(Uri proxy, Uri proxied, IWebProxy others) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? others.GetProxy(destination) : proxy;

        public bool IsBypassed(Uri host) => host.Authority != proxied.Authority;
    }
}
