using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Processes;
using Jarvis.AppHost.Startup;

namespace Jarvis.AppHost.Tests;

public sealed class StartupTests
{
    [Fact]
    public void Port_InUse_IsRefusedWithItsNumberAndTheOption()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var refusal = Assert.Throws<StartupException>(() => Ports.DemandFree(port, "--port", IPAddress.Loopback));

        Assert.Contains($"{port}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--port", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signals_ForAProcessThatListens_EndIt()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var process = Process.Start("sleep", "60");

        await Signals.StopAsync(process, TimeSpan.FromSeconds(10), CancellationToken.None);

        Assert.True(process.HasExited);
    }

    [Fact]
    public void Table_WithCellsOfAnyLength_IsAligned()
    {
        var table = new SummaryTable("resource", "state");
        table.Add("gateway", "Healthy");
        table.Add("a-longer-name", "Waiting");

        var lines = table.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["  resource       state", "  -------------  -------", "  gateway        Healthy", "  a-longer-name  Waiting"], lines);
    }

    [Fact]
    public void Library_WithCounts_NamesTheKindsThatItHas()
    {
        CatalogSource[] sources = [new("/library/", "ready", new Dictionary<string, int>(StringComparer.Ordinal) { ["agents"] = 3, ["commands"] = 0, ["mcp_servers"] = 1 })];

        Assert.Equal("3 agents, 1 mcp servers", CatalogSources.Describe(sources, "/library"));
        Assert.Equal("(not counted yet)", CatalogSources.Describe(sources, "/other"));
    }
}
