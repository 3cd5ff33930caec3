using System.Net;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Tests.Security;

/// <summary>What services show each other does not pass a proxy that the environment names for the way outside.</summary>
public sealed class WithoutProxyTests
{
    private const string Key = "key-of-a-test";

    [Fact]
    public async Task ServiceKeyAndPublicKeys_DoNotPassTheProxyOfTheEnvironment()
    {
        await using var service = await Neighbour.StartAsync();
        await using var proxy = await Neighbour.StartAsync();
        using var environment = new ProxyOfTheProcess(proxy.Address, service.Address);
        var builder = Host.CreateApplicationBuilder(
            [$"--services:gateway:http:0={service.Address}", $"--services:catalog:http:0={service.Address}", $"--Security:ServiceKey={Key}"]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        using var host = builder.Build();

        using var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        (await client.GetAsync(new Uri("http://catalog/api/v2/agents"))).Dispose();
        Assert.Null(await host.Services.GetRequiredService<IVerificationKeys>().FindAsync("unknown", CancellationToken.None));
        Assert.Empty(proxy.Asked);
        Assert.Equal([Key, Key], service.Asked.Select(headers => headers[ServiceKey.Header].ToString()));
    }

    [Fact]
    public async Task Proxy_OfTheEnvironment_IsAskedByOthers()
    {
        await using var service = await Neighbour.StartAsync();
        await using var proxy = await Neighbour.StartAsync();
        using var environment = new ProxyOfTheProcess(proxy.Address, service.Address);
        using var client = new HttpClient();
        (await client.GetAsync(service.Address)).Dispose();
        Assert.Equal((1, 0), (proxy.Asked.Count, service.Asked.Count));
    }
}

/// <summary>What <c>HTTP_PROXY</c> would be, for one address only: other tests of this process go on without it.</summary>
internal sealed class ProxyOfTheProcess : IWebProxy, IDisposable
{
    private readonly IWebProxy _before = HttpClient.DefaultProxy;
    private readonly Uri _proxy;
    private readonly Uri _proxied;

    public ProxyOfTheProcess(Uri proxy, Uri proxied)
    {
        (_proxy, _proxied) = (proxy, proxied);
        HttpClient.DefaultProxy = this;
    }

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? _before.GetProxy(destination) : _proxy;

    public bool IsBypassed(Uri host) => host.Authority != _proxied.Authority;

    public void Dispose() => HttpClient.DefaultProxy = _before;
}
