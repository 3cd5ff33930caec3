using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>An AppHost of its own with three replicas of each service behind one gateway, whose processes tests may signal.</summary>
public sealed class ReplicatedStack : IAsyncLifetime
{
    public const int Replicas = 3;

    /// <summary>What takes longer hangs.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    private readonly string _data = Path.Combine(Path.GetTempPath(), $"jarvis-turns-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}");
    private AppHostProcess _host = null!;

    /// <summary>One connection at a time, signed in.</summary>
    public HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (OperatingSystem.IsWindows())
            return; // signals
        var port = Ports.Free().ToString(CultureInfo.InvariantCulture);
        _host = AppHostProcess.Start(
            "--data", _data, "--port", port, "--Limits:Read=0", "--Limits:Write=0", "--Auth:AccessTokenMinutes=60",
            $"--Replicas:Catalog={Replicas}", $"--Replicas:Workflows={Replicas}", $"--Replicas:Telemetry={Replicas}");
        await _host.ReadyAsync(JarvisStack.StartLimit);
        Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = AnswerLimit,
        };
        await Client.SetUpAsync(_host);
        await AllAliveAsync();
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        if (_host is not null)
            await _host.DisposeAsync();
        if (Directory.Exists(_data))
            Directory.Delete(_data, recursive: true);
    }

    /// <summary>A client with connections of its own, signed in.</summary>
    public HttpClient CreateClient()
    {
        var client = new HttpClient { BaseAddress = Client.BaseAddress, Timeout = AnswerLimit };
        client.DefaultRequestHeaders.Authorization = Client.DefaultRequestHeaders.Authorization;
        return client;
    }

    /// <summary>The ids of the processes of a resource, as the AppHost wrote them down.</summary>
    public int[] ProcessesOf(string resource) =>
    [
        .. JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(_data, "processes.json"))).EnumerateArray()
            .Where(entry => entry.GetProperty("Resource").GetString()!.Split('-')[0] == resource).Select(entry => entry.GetProperty("ProcessId").GetInt32()),
    ];

    public static void Signal(string signal, params int[] processes)
    {
        foreach (var process in processes)
            Process.Start("kill", [signal, process.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();
    }

    /// <summary>Waits until the registry has every replica of every service, and only these.</summary>
    public Task AllAliveAsync() => Eventually.GetAsync("all replicas are known", TimeSpan.FromSeconds(120), async () =>
    {
        using var response = await Client.GetAsync("/api/v2/services");
        if (!response.IsSuccessStatusCode)
            return null;
        var services = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("services").EnumerateArray()
            .ToDictionary(service => service.GetProperty("name").GetString()!, service => service);
        return new[] { "catalog", "workflows", "telemetry" }.All(name =>
            services[name].GetProperty("instances").GetArrayLength() == Replicas && services[name].GetProperty("health").GetString() == "healthy") ? "known" : null;
    });
}

/// <summary>Tests of this collection share one such stack and run one after another, since some of them end parts of it.</summary>
[CollectionDefinition(Name)]
public sealed class ReplicatedCollection : ICollectionFixture<ReplicatedStack>
{
    public const string Name = "replicas";
}
