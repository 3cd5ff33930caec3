using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Jarvis.StandIns.Tests.Hosting;

public sealed class WaitingTests
{
    [Fact]
    public async Task Dependent_OfAnUnhealthyResource_WaitsUntilItIsHealthyAndReady()
    {
        await using var host = new TestHost();
        var healthy = false;
        var order = new List<string>();
        host.Builder.Services.AddHealthChecks().AddCheck("warm", () => Volatile.Read(ref healthy) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        var server = host.AddShell("server", "sleep 60").WithHealthCheck("warm").OnResourceReady((_, _, _) =>
        {
            order.Add("ready");
            return Task.CompletedTask;
        });
        host.AddShell("client", "sleep 60").WaitFor(server).OnBeforeResourceStarted((_, _, _) =>
        {
            order.Add("client");
            return Task.CompletedTask;
        });

        await host.StartAsync();
        await host.StateAsync("server", KnownResourceStates.Running);
        await host.StateAsync("client", KnownResourceStates.Waiting);
        await host.Application.ResourceNotifications.WaitForResourceAsync("server", e => e.Snapshot.HealthReports is [{ Status: HealthStatus.Unhealthy }], host.Limit);
        Volatile.Write(ref healthy, true);

        await host.StateAsync("client", KnownResourceStates.Running);
        Assert.Equal(["ready", "client"], order);
    }

    [Fact]
    public async Task Dependent_OfAFailedResource_FailsWithItsName()
    {
        await using var host = new TestHost();
        var server = host.Builder.AddExecutable("server", "no-such-command", host.Folder);
        host.AddShell("client", "sleep 60").WaitFor(server);

        await host.StartAsync();

        await host.StateAsync("client", KnownResourceStates.FailedToStart);
        Assert.Contains("server failed to start: The command 'no-such-command' was not found", host.Lines);
        Assert.Contains("client failed to start: Dependency resource 'server' failed to start: FailedToStart.", host.Lines);
    }

    [Fact]
    public async Task Dependent_OfAResourceThatEnds_FailsWithItsExitCode()
    {
        await using var host = new TestHost();
        host.Builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
        var server = host.AddShell("server", "exit 3").WithHealthCheck("never");
        host.AddShell("client", "sleep 60").WaitFor(server);

        await host.StartAsync();

        await host.StateAsync("client", KnownResourceStates.FailedToStart);
        Assert.Contains(host.Lines, line => line.StartsWith("client failed to start: Dependency resource 'server'", StringComparison.Ordinal) && line.Contains("exit code 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Child_OfAProcess_LivesAndDiesWithIt()
    {
        await using var host = new TestHost();
        var server = host.AddShell("server", "sleep 60");
        host.AddShell("client", "sleep 60").WaitFor(host.Builder.AddResource(new Child("database", server.Resource)));

        await host.StartAsync();
        await host.StateAsync("client", KnownResourceStates.Running);
        await host.Application.ResourceCommands.ExecuteCommandAsync("server", KnownResourceCommands.StopCommand, host.Limit);

        Assert.True(host.Application.ResourceNotifications.TryGetCurrentState("database", out var state));
        Assert.Equal(KnownResourceStates.Exited, state.Snapshot.State?.Text);
    }

    sealed class Child(string name, ExecutableResource parent) : Resource(name), IResourceWithParent<ExecutableResource>
    {
        public ExecutableResource Parent => parent;
    }
}
