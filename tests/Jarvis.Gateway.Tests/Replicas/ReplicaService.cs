using System.Collections.Concurrent;
using Jarvis.ServiceDefaults.Replicas;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests.Replicas;

/// <summary>A process of the service <c>shelf</c>: it counts what it is asked, and can die or break its connections.</summary>
internal sealed class ReplicaService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _asked = new();

    private ReplicaService(WebApplication app) => _app = app;

    public string Instance { get; private init; } = "";

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Methods of the requests that came.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    /// <summary>Closes the connection of each request that comes, as a process does that is killed meanwhile.</summary>
    public bool Breaks { get; set; }

    public LiveProcess Said => new("shelf", Instance, DateTimeOffset.UnixEpoch, TimeSpan.Zero, Address);

    public static async Task<ReplicaService> StartAsync(string instance)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var service = new ReplicaService(builder.Build()) { Instance = instance };
        service._app.Run(service.AnswerAsync);
        await service._app.StartAsync();
        return service;
    }

    /// <summary>From now on connections to it are refused.</summary>
    public Task DieAsync() => _app.StopAsync(new CancellationToken(canceled: true));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        _asked.Enqueue(context.Request.Method);
        if (!Breaks)
            return context.Response.WriteAsync(Instance);
        context.Abort();
        return Task.CompletedTask;
    }
}
