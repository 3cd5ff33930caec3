using System.Net.Http.Headers;
using Jarvis.Gateway.Audit;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests.Audit;

/// <summary>Who triggered, cancelled or retried which task is written down at the gateway, whatever name the route was called by.</summary>
public sealed class TaskAuditTests : IAsyncLifetime
{
    private const string TaskId = "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47";

    private WebApplication _workflows = null!;
    private GatewayHost _gateway = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _workflows = builder.Build();
        _workflows.MapPost("/api/v2/workflow/trigger", (HttpContext context) =>
        {
            if (context.Request.Query["as"] is [{ } status])
                return Results.StatusCode(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture));
            context.Response.Headers.Location = $"/api/v2/tasks/{TaskId}";
            return Results.StatusCode(202);
        });
        _workflows.MapPost("/api/v2/tasks/{id}/{action}", () => Results.Ok());
        _workflows.MapGet("/api/v2/tasks/{id}", () => Results.Ok());
        await _workflows.StartAsync();
        var address = _workflows.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        // Any route may say that it is written down; there is none for retrying yet.
        const string Retry = "--ReverseProxy:Routes:task-retry";
        _gateway = await GatewayHost.StartAsync(
            null, $"--ReverseProxy:Clusters:workflows:Destinations:workflows:Address={address}", $"{Retry}:ClusterId=workflows",
            $"{Retry}:AuthorizationPolicy=operator", $"{Retry}:Match:Path=/api/v2/tasks/{{id}}/retry", $"{Retry}:Match:Methods:0=POST",
            $"{Retry}:Metadata:Audit=task.retry");
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _workflows.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/v2/workflow/trigger", "task.trigger", "success", TaskId)]
    [InlineData("/workflow/trigger", "task.trigger", "success", TaskId)]
    [InlineData("/api/v2/workflow/trigger?as=422", "task.trigger", "refused", null)]
    [InlineData("/api/v2/workflow/trigger?as=503", "task.trigger", "failed", null)]
    [InlineData("/api/v2/tasks/abc/cancel", "task.cancel", "success", "abc")]
    [InlineData("/API/v2/tasks/abc/retry/", "task.retry", "success", "abc")]
    public async Task WhatRunsSomething_IsNoted(string path, string action, string outcome, string? target)
    {
        using var response = await _gateway.Client.PostAsync(new Uri(path, UriKind.Relative), null);
        var entry = Assert.Single(_gateway.Audit.Entries);
        Assert.Equal((action, outcome, target, $"HTTP {(int)response.StatusCode}"),
            (entry.Action, entry.Outcome, entry.Target, entry.Detail));
    }

    [Fact]
    public async Task WhatOnlyReads_IsNot()
    {
        using var response = await _gateway.Client.GetAsync(new Uri("/api/v2/tasks/abc", UriKind.Relative));
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Empty(_gateway.Audit.Entries);
    }

    [Fact]
    public async Task Service_ThatIsNotThere_IsAFailedEntry()
    {
        await _workflows.StopAsync();
        using var response = await _gateway.Client.PostAsync(new Uri("/api/v2/workflow/trigger", UriKind.Relative), null);
        Assert.True((int)response.StatusCode >= 500);
        Assert.Equal(AuditLog.Failed, Assert.Single(_gateway.Audit.Entries).Outcome);
    }

    [Fact]
    public async Task Viewer_IsRefused_ByTheRoute_NotByTheNameInIt()
    {
        _gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer",
            await SignedIn.TokenAsync(_gateway.Services, Role.Viewer));
        foreach (var id in new[] { "one", "two" })
        {
            using var response = await _gateway.Client.PostAsync(new Uri($"/api/v2/tasks/{id}/cancel", UriKind.Relative), null);
            Assert.Equal(403, (int)response.StatusCode);
        }
        Assert.Equal("POST /api/v2/tasks/{id}/cancel", Assert.Single(
            _gateway.Audit.Entries.Select(entry => entry.Route).Distinct(StringComparer.Ordinal)));
    }
}
