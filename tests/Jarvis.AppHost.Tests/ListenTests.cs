using System.Net;
using System.Net.Sockets;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Services;
using Jarvis.AppHost.Startup;
using Microsoft.Extensions.Configuration;

namespace Jarvis.AppHost.Tests;

public sealed class ListenTests
{
    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("Loopback", "localhost")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::", "[::]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("jarvis.example.com", null)]
    [InlineData("here", null)]
    public void Address_AsUsersWriteIt_IsAHost(string value, string? host) => Assert.Equal(host, ListenAddress.Parse(value));

    [Fact]
    public void Listen_BeyondTheLoopback_NeedsADecisionAboutHttpsAndNames()
    {
        var reader = Reader(["--listen", "any"]);

        reader.Read();

        Assert.Collection(reader.Problems,
            problem => Assert.Contains("Https:Enabled", problem, StringComparison.Ordinal),
            problem => Assert.Contains("Gateway:AllowedHosts", problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Listen_WithBoth_IsTaken()
    {
        var reader = Reader(["--listen", "192.0.2.7"], ("Https:Enabled", "true"), ("Gateway:AllowedHosts:0", "jarvis.example.com"));

        Assert.Equal("192.0.2.7", reader.Read().Listen);
        Assert.Empty(reader.Problems);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public void Listen_OnTheLoopback_NeedsNothing(string address)
    {
        var reader = Reader(["--listen", address]);

        Assert.Equal(address, reader.Read().Listen);
        Assert.Empty(reader.Problems);
    }

    [Fact]
    public void Port_OfAServiceOrTheDashboard_IsLookedAtBeforeAnythingStarts()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var options = new AppHostOptions { Libraries = [], DataDirectory = null, Port = FreePort(), Catalog = new(1, port) };

        var refusal = Assert.Throws<StartupException>(() => Ports.DemandFree(options, Configuration()));
        Assert.Contains($"Port {port} is taken", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Ports:Catalog", refusal.Message, StringComparison.Ordinal);

        var dashboard = Assert.Throws<StartupException>(() =>
            Ports.DemandFree(options with { Catalog = new() }, Configuration(("ASPNETCORE_URLS", $"http://localhost:{port}"))));
        Assert.Contains("ASPNETCORE_URLS", dashboard.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Port_AskedForTwice_IsNamedWithBothOptions()
    {
        var port = FreePort();
        var options = new AppHostOptions { Libraries = [], DataDirectory = null, Port = port, Workflows = new(1, port) };

        var refusal = Assert.Throws<StartupException>(() => Ports.DemandFree(options, Configuration()));

        Assert.Contains("--port", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Ports:Workflows", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Program_OfAService_IsTheOneThatWasBuiltWithTheAppHost()
    {
        using var folder = new TempFolder();
        var name = OperatingSystem.IsWindows() ? "Jarvis.Catalog.exe" : "Jarvis.Catalog";
        var program = folder.Write(Path.Combine("Jarvis.Catalog", "bin", "Debug", "net10.0", name), "");
        var project = Path.Combine(folder.Path, "Jarvis.Catalog", "Jarvis.Catalog.csproj");
        var own = Path.Combine(folder.Path, "Jarvis.AppHost", "bin", "Debug", "net10.0") + Path.DirectorySeparatorChar;

        Assert.Equal(program, BuildOutput.ProgramOf(project, own)?.TrimEnd(Path.DirectorySeparatorChar));
        Assert.Null(BuildOutput.ProgramOf(project, own.Replace("Debug", "Release", StringComparison.Ordinal)));
        Assert.Null(BuildOutput.ProgramOf(project, folder.Path));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static OptionsReader Reader(string[] args, params (string Key, string Value)[] settings) => new(args, Configuration(settings), Path.GetTempPath());

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();
}
