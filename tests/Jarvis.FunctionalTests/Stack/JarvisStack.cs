using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Jarvis.Catalog.Tests;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>The whole of Jarvis, started once for all tests that share it: every service, Postgres and Redis as real processes.</summary>
public sealed class JarvisStack : IAsyncLifetime
{
    /// <summary>Long enough for a first start that fetches the servers.</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    /// <summary>A read of each service that nobody answers in its place.</summary>
    private static readonly Dictionary<string, string> Reads = new(StringComparer.Ordinal)
    {
        ["workflows"] = "/api/v2/tasks/recent?limit=1",
        ["telemetry"] = "/api/v2/metrics/names?limit=1",
    };

    public DistributedApplication App { get; private set; } = null!;

    /// <summary>A client of the gateway's public address, signed in as an admin; each answer is held against the API description.</summary>
    public HttpClient Client { get; private set; } = null!;

    public FakeN8n N8n { get; private set; } = null!;

    /// <summary>What the catalog embeds with.</summary>
    public SemanticFakeProvider Embeddings { get; private set; } = null!;

    /// <summary>A copy of the test library that tests may change.</summary>
    public string Library { get; } = Directory.CreateTempSubdirectory("jarvis-library-").FullName;

    public async Task InitializeAsync()
    {
        CopyLibrary(Path.Combine(AppContext.BaseDirectory, "Library"), Library);
        // Inherited by the services: one account opens many sockets here.
        Environment.SetEnvironmentVariable("WebSockets__MaxConnections", "200");
        Environment.SetEnvironmentVariable("WebSockets__MaxConnectionsPerUser", "200");
        N8n = await FakeN8n.StartAsync();
        Embeddings = await SemanticFakeProvider.StartAsync();
        using var limit = new CancellationTokenSource(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Jarvis_AppHost>(
            [
                $"--Parameters:adminemail={SignInExtensions.Email}", $"--Parameters:adminpassword={SignInExtensions.Password}",
                // One sign-in lasts for all tests, on a slow machine too.
                "--Auth:AccessTokenMinutes=60", "--Limits:Auth=0", "--Auth:FailedCredentialsPerMinute=0", "--Auth:Registration=invitation", "--data", "temp", "--library", Library, "--n8n", N8n.Address.AbsoluteUri,
                "--Embeddings:Provider=openai", $"--Embeddings:BaseUrl={Embeddings.Address}/v1", "--Embeddings:Model=fake", "--Embeddings:ApiKey=sk-of-a-test",
            ], limit.Token);
        App = await builder.BuildAsync(limit.Token);
        await App.StartAsync(limit.Token);
        await App.ResourceNotifications.WaitForResourceHealthyAsync("gateway", limit.Token);
        using var bare = App.CreateHttpClient("gateway", "public");
        Client = new HttpClient(new ContractValidator(new SocketsHttpHandler())) { BaseAddress = bare.BaseAddress, Timeout = bare.Timeout };
        await Eventually.GetAsync("the given admin has an account", TimeSpan.FromSeconds(60), async () =>
            (await bare.GetFromJsonAsync<JsonElement>("/api/v2/auth/setup")).GetProperty("data").GetProperty("needed").GetBoolean() ? null : "made");
        Client.DefaultRequestHeaders.Authorization = new("Bearer", await bare.SignInAsync());
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        if (App is not null)
        {
            await App.StopAsync();
            await App.DisposeAsync();
        }

        await N8n.DisposeAsync();
        await Embeddings.DisposeAsync();
        Directory.Delete(Library, recursive: true);
    }

    /// <summary>A client that nobody is signed in at.</summary>
    public HttpClient CreateAnonymousClient() => App.CreateHttpClient("gateway", "public");

    /// <summary>The <c>data</c> of a successful GET.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, $"GET {path}: {body}");
        return body.GetProperty("data");
    }

    /// <summary>The process of a part that runs once.</summary>
    public Process ProcessOf(string name)
    {
        Assert.True(App.ResourceNotifications.TryGetCurrentState(name, out var current), $"{name} has no state.");
        var id = current.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value;
        return Process.GetProcessById(Convert.ToInt32(id, CultureInfo.InvariantCulture));
    }

    public Task StopResourceAsync(string name) => CommandAsync(name, KnownResourceCommands.StopCommand);

    public async Task StartResourceAsync(string name)
    {
        await CommandAsync(name, KnownResourceCommands.StartCommand);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        // The state of the instance that was stopped is seen first; it is no failure to start.
        await App.ResourceNotifications.WaitForResourceHealthyAsync(name, WaitBehavior.WaitOnResourceUnavailable, limit.Token);
        // The gateway hears of a new process a moment after the orchestrator.
        if (Reads.TryGetValue(name, out var read))
            await Eventually.GetAsync($"the gateway reaches {name}", TimeSpan.FromSeconds(60), async () =>
            {
                using var response = await Client.GetAsync(read);
                return response.IsSuccessStatusCode ? "reached" : null;
            });
    }

    private async Task CommandAsync(string name, string command)
    {
        var result = await App.ResourceCommands.ExecuteCommandAsync(name, command);
        Assert.True(result.Success, $"{command} {name}: {result.Message}");
    }

    private static void CopyLibrary(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}

/// <summary>Tests of this collection share one stack and run one after another, since some of them stop parts of it.</summary>
[CollectionDefinition(Name)]
public sealed class StackCollection : ICollectionFixture<JarvisStack>
{
    public const string Name = "stack";
}
