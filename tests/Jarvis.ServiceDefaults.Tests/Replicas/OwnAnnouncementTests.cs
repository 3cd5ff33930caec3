using Jarvis.ServiceDefaults.Health;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Tests.Replicas;

public sealed class OwnAnnouncementTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Address_IsToldOnceTheProcessCanDoItsWork()
    {
        var checks = 0;
        var isReady = false;
        await using var app = Build(builder => builder.Services.AddHealthChecks().AddCheck("first scan", () =>
        {
            Interlocked.Increment(ref checks);
            return Volatile.Read(ref isReady) ? HealthCheckResult.Degraded() : HealthCheckResult.Unhealthy();
        }, [HealthTags.Ready]).AddCheck("neighbour", () => HealthCheckResult.Unhealthy()));
        var own = app.Services.GetRequiredService<OwnAnnouncement>();
        var ready = own.GetReadyAsync(CancellationToken.None);
        Assert.Equal(0, checks);
        await app.StartAsync();
        using (var limit = new CancellationTokenSource(Limit))
        {
            while (Volatile.Read(ref checks) < 2)
                await Task.Delay(5, limit.Token);
        }
        Assert.Null(own.Current.Address);

        Volatile.Write(ref isReady, true);
        await ready.WaitAsync(Limit);
        Assert.Equal(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(), own.Current.Address);
        Assert.True(own.Current.IsProven("key-of-a-test"));
    }

    [Fact]
    public async Task Address_ThatIsGiven_IsTold()
    {
        await using var app = Build(_ => { }, "--Registry:Address=http://10.0.0.7:8080");
        await app.StartAsync();
        var own = app.Services.GetRequiredService<OwnAnnouncement>();
        await own.GetReadyAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.Equal("http://10.0.0.7:8080", own.Current.Address);
    }

    [Fact]
    public async Task Address_IsNotTold_WhereThePlatformBalances()
    {
        await using var app = Build(_ => { }, "--Registry:Announce=false");
        await app.StartAsync();
        var own = app.Services.GetRequiredService<OwnAnnouncement>();
        await own.GetReadyAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.Null(own.Current.Address);
    }

    private static WebApplication Build(Action<WebApplicationBuilder> configure, params string[] args)
    {
        var builder = WebApplication.CreateBuilder(["--Security:ServiceKey=key-of-a-test", .. args]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddControl();
        builder.Services.AddSingleton<OwnAnnouncement>();
        configure(builder);
        return builder.Build();
    }
}
