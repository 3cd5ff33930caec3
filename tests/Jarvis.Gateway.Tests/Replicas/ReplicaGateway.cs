using Jarvis.Gateway.HotCache;
using Jarvis.Gateway.Proxy;
using Jarvis.ServiceDefaults.Replicas;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy;

namespace Jarvis.Gateway.Tests.Replicas;

/// <summary>The proxy of the gateway before the service <c>shelf</c>, which is known as a test says.</summary>
internal sealed class ReplicaGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ReplicaGateway(WebApplication app) => _app = app;

    public ServiceAddresses Addresses => _app.Services.GetRequiredService<ServiceAddresses>();

    /// <summary>One connection for all requests.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Starts; service discovery has the service at <paramref name="configured"/>.</summary>
    public static async Task<ReplicaGateway> StartAsync(string configured = "http://127.0.0.1:1", params string[] settings)
    {
        var builder = WebApplication.CreateBuilder(
            [
                "--ReverseProxy:Clusters:shelf:Destinations:one:Address=http://shelf", "--ReverseProxy:Clusters:shelf:LoadBalancingPolicy=RoundRobin",
                "--ReverseProxy:Routes:shelf:ClusterId=shelf", "--ReverseProxy:Routes:shelf:AuthorizationPolicy=Anonymous", "--ReverseProxy:Routes:shelf:Match:Path=/{**rest}",
                $"--services:shelf:http:0={configured}", "--Services:Circuits=false", .. settings,
            ]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddHotCache();
        builder.AddProxy();
        // What the registry says comes from the test.
        builder.Services.AddSingleton<IRegistryReader, Silence>();
        var gateway = new ReplicaGateway(builder.Build());
        gateway._app.UseServiceDefaults();
        gateway._app.MapProxy();
        await gateway._app.StartAsync();
        gateway.Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 })
        {
            BaseAddress = new Uri(gateway._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
            Timeout = TimeSpan.FromSeconds(60),
        };
        return gateway;
    }

    /// <summary>Takes what the registry says, and waits until the proxy has it.</summary>
    public Task SeeAsync(params LiveProcess[] processes)
    {
        Addresses.Take(new(TimeProvider.System.GetTimestamp(), processes, ["shelf"]));
        return UntilAsync([.. processes.Select(process => process.Address!)]);
    }

    /// <summary>Waits until the proxy has just these destinations.</summary>
    public async Task UntilAsync(params string[] addresses)
    {
        var proxy = _app.Services.GetRequiredService<IProxyStateLookup>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!proxy.TryGetCluster("shelf", out var shelf)
            || !shelf.DestinationsState.AvailableDestinations.Select(one => one.Model.Config.Address.TrimEnd('/')).Order(StringComparer.Ordinal).SequenceEqual(addresses.Order(StringComparer.Ordinal)))
        {
            await Task.Delay(5, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class Silence : IRegistryReader
    {
        public async Task<RegistryView?> ReadAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        }
    }
}
