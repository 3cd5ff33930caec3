using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.Running;

namespace Jarvis.StandIns.Tests.Hosting;

public sealed class ProcessTests
{
    [Fact]
    public async Task Port_ThatIsTaken_FailsTheResourceAndIsNamed()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var host = new TestHost();
        host.AddShell("gateway", "sleep 60").WithHttpEndpoint(port, name: "public", isProxied: false);

        await host.StartAsync();

        await host.StateAsync("gateway", KnownResourceStates.FailedToStart);
        Assert.Contains(host.Lines, line => line.Contains($"Port {port} is taken", StringComparison.Ordinal) && line.Contains("'gateway'", StringComparison.Ordinal) && line.Contains("choose another port", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restart_OfAService_GivesANewProcessOnTheSameAddress()
    {
        await using var host = new TestHost();
        host.AddSample("catalog");
        await host.StartAsync();
        await host.Application.ResourceNotifications.WaitForResourceHealthyAsync("catalog", host.Limit);
        using var http = host.Application.CreateHttpClient("catalog");
        var before = await http.GetStringAsync("/pid", host.Limit);

        var result = await host.Application.ResourceCommands.ExecuteCommandAsync("catalog", KnownResourceCommands.RestartCommand, host.Limit);

        Assert.True(result.Success, result.ErrorMessage);
        await host.Application.ResourceNotifications.WaitForResourceHealthyAsync("catalog", host.Limit);
        Assert.NotEqual(before, await http.GetStringAsync("/pid", host.Limit));
    }

    [Fact]
    public async Task Replicas_BehindOneAddress_TakeTurnsAndStandInForEachOther()
    {
        await using var host = new TestHost();
        host.AddSample("catalog").WithReplicas(2);
        await host.StartAsync();
        await host.Application.ResourceNotifications.WaitForResourceHealthyAsync("catalog", host.Limit);
        using var http = host.Application.CreateHttpClient("catalog");
        http.DefaultRequestHeaders.ConnectionClose = true;

        // The second one may still be starting; the first one answers meanwhile.
        var pids = new HashSet<string>(StringComparer.Ordinal);
        while (pids.Count < 2)
            pids.Add(await http.GetStringAsync("/pid", host.Limit));

        using (var one = Process.GetProcessById(int.Parse(pids.First())))
        {
            one.Kill();
            await one.WaitForExitAsync(host.Limit);
        }

        for (var i = 0; i < 4; i++)
            Assert.Equal(pids.Last(), await http.GetStringAsync("/pid", host.Limit));
    }

    [Fact]
    public async Task Stop_EndsDependentsFirst_AlsoThoseThatDoNotListen_WithinTenSeconds()
    {
        await using var host = new TestHost();
        const string Orderly = "trap 'echo $NAME >> order.txt; exit 0' INT TERM; touch $NAME.up; while :; do sleep 0.1; done";
        var server = host.AddShell("server", Orderly).WithEnvironment("NAME", "server");
        var service = host.AddShell("service", Orderly).WithEnvironment("NAME", "service").WaitFor(server);
        host.AddShell("deaf", "trap '' INT TERM; touch deaf.up; while :; do sleep 0.1; done").WaitFor(service);
        await host.StartAsync();
        foreach (var name in new[] { "server", "service", "deaf" })
        {
            await host.StateAsync(name, KnownResourceStates.Running);
            while (!File.Exists(Path.Combine(host.Folder, $"{name}.up")))
                await Task.Delay(20, host.Limit);
        }

        var clock = Stopwatch.StartNew();
        await host.Application.StopAsync(host.Limit);

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(["service", "server"], await File.ReadAllLinesAsync(Path.Combine(host.Folder, "order.txt"), host.Limit));
        Assert.All(["server", "service", "deaf"], name =>
        {
            Assert.True(host.Application.ResourceNotifications.TryGetCurrentState(name, out var state));
            Assert.Equal(KnownResourceStates.Exited, state.Snapshot.State?.Text);
        });
    }

    [Fact]
    public async Task Dispose_WithoutAStop_TellsSubscribersWhileTheServicesAreThere()
    {
        var told = new TaskCompletionSource<object?>();
        await using (var host = new TestHost())
        {
            host.AddShell("server", "while :; do sleep 0.1; done").OnResourceStopped((_, stopped, _) =>
            {
                told.TrySetResult(stopped.Services.GetService(typeof(ResourceNotificationService)));
                return Task.CompletedTask;
            });
            await host.StartAsync();
            await host.StateAsync("server", KnownResourceStates.Running);
        }

        Assert.True(told.Task.IsCompletedSuccessfully);
        Assert.NotNull(await told.Task);
    }

    [Fact]
    public async Task Orphans_OfAKilledHost_AreStopped_AndARecycledProcessIdIsNot()
    {
        var folder = Directory.CreateTempSubdirectory("jarvis-orphans-").FullName;
        using var orphan = Process.Start("sleep", "60");
        using var stranger = Process.Start("sleep", "60");
        try
        {
            var stamp = ProcessSignals.StartStamp(orphan.Id);
            await File.WriteAllTextAsync(Path.Combine(folder, "1.json"), $$"""
                {"Pid":{{int.MaxValue}},"Started":"long ago","Children":[
                  {"Resource":"postgres","Pid":{{orphan.Id}},"Started":"{{stamp}}"},
                  {"Resource":"redis","Pid":{{stranger.Id}},"Started":"another time"}]}
                """);
            var said = new List<string>();

            await new OrphanRegistry(folder).StopOrphansAsync(said.Add);

            Assert.True(orphan.WaitForExit(TimeSpan.FromSeconds(1)));
            Assert.False(stranger.HasExited);
            Assert.Contains("'postgres'", Assert.Single(said), StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(folder));
        }
        finally
        {
            orphan.Kill();
            stranger.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Orphans_OfARunningHost_AreLeftAlone()
    {
        var folder = Directory.CreateTempSubdirectory("jarvis-orphans-").FullName;
        using var child = Process.Start("sleep", "60");
        try
        {
            var running = new OrphanRegistry(folder);
            running.Add("postgres", child.Id);

            await new OrphanRegistry(folder).StopOrphansAsync(message => Assert.Fail(message));

            Assert.False(child.HasExited);
            running.Close();
            Assert.Empty(Directory.EnumerateFiles(folder));
        }
        finally
        {
            child.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }
}
