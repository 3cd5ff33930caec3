using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Tests;

/// <summary>A process on the loopback that answers everything alike and remembers what came.</summary>
internal sealed class Neighbour : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Neighbour(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>The headers of each request.</summary>
    public ConcurrentQueue<IHeaderDictionary> Asked { get; } = new();

    public int Status { get; set; } = 200;

    public static async Task<Neighbour> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var neighbour = new Neighbour(builder.Build());
        neighbour._app.Run(async context =>
        {
            neighbour.Asked.Enqueue(new HeaderDictionary(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value)));
            context.Response.StatusCode = neighbour.Status;
            await context.Response.WriteAsJsonAsync(new { keys = Array.Empty<object>() });
        });
        await neighbour._app.StartAsync();
        return neighbour;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
