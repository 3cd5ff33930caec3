using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>The AppHost's own life: what it refuses, and that neither data nor processes are lost track of.</summary>
public sealed class AppHostTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly string _data = Path.Combine(Path.GetTempPath(), $"jarvis-life-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}");

    public void Dispose()
    {
        if (Directory.Exists(_data))
            Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Options_ThatAreWrong_AreAllNamed()
    {
        await using var host = AppHostProcess.Start("--port", "http", "--colour", "blue", "--Replicas:Catalog=0");
        Assert.Equal(2, await host.ExitAsync(Soon));
        foreach (var name in (string[])["port", "--colour", "Replicas:Catalog"])
            Assert.Contains(name, host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_SaysEveryOption()
    {
        await using var host = AppHostProcess.Start("--help");
        Assert.Equal(0, await host.ExitAsync(Soon));
        foreach (var option in (string[])["--library", "--port", "--data", "--n8n", "ConnectionStrings:jarvisdb", "Replicas:"])
            Assert.Contains(option, host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_ThatIsTaken_IsNamedWithWhatToDo()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await using var host = AppHostProcess.Start("--data", _data, "--port", port);
        Assert.Equal(1, await host.ExitAsync(Soon));
        Assert.Contains(port, host.Output, StringComparison.Ordinal);
        Assert.Contains("--port", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataDirectory_ThatCannotBeWritten_IsNamedWithWhatToDo()
    {
        // A file stands where the folder should be: nobody can write there, root neither.
        var file = Path.GetTempFileName();
        await using var host = AppHostProcess.Start("--data", Path.Combine(file, "data"), "--port", Ports.Free().ToString(CultureInfo.InvariantCulture));
        Assert.Equal(1, await host.ExitAsync(Soon));
        Assert.Contains(file, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task Life_OfAnAppHost_LosesNeitherDataNorProcesses()
    {
        if (OperatingSystem.IsWindows())
            return; // signals
        var port = Ports.Free().ToString(CultureInfo.InvariantCulture);
        using var client = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}") };
        int[] orphans;
        string[] passwords;
        await using (var killed = AppHostProcess.Start("--data", _data, "--port", port))
        {
            await killed.ReadyAsync(JarvisStack.StartLimit);
            await client.SetUpAsync(killed);
            // Only the parts of Jarvis are waited for and listed, and the dashboard's link signs its reader in.
            Assert.DoesNotContain("rebuilder", killed.Output, StringComparison.Ordinal);
            using (var browser = new HttpClient())
            using (var dashboard = await browser.GetAsync(new Uri(Regex.Match(killed.Output, @"http://\S+/login\?t=\S+").Value)))
                Assert.True(dashboard.IsSuccessStatusCode, $"The dashboard's link answers {(int)dashboard.StatusCode}.");

            await using (var second = AppHostProcess.Start("--data", _data, "--port", Ports.Free().ToString(CultureInfo.InvariantCulture)))
            {
                Assert.Equal(1, await second.ExitAsync(Soon));
                Assert.Contains(killed.Id.ToString(CultureInfo.InvariantCulture), second.Output, StringComparison.Ordinal);
                Assert.Contains("--data", second.Output, StringComparison.Ordinal);
            }

            using var tracked = await client.PostAsJsonAsync("/api/v2/metrics/track", new { metric_name = "life.kept", value = 42 });
            Assert.True(tracked.IsSuccessStatusCode, await tracked.Content.ReadAsStringAsync());
            await killed.KillAsync();
            orphans = Processes();
            Assert.NotEmpty(orphans);
            passwords = RedisPasswords();
        }

        await using var next = AppHostProcess.Start("--data", _data, "--port", port);
        await next.ReadyAsync(TimeSpan.FromSeconds(90));
        Assert.NotEmpty(passwords);
        Assert.Empty(RedisPasswords().Intersect(passwords));
        Assert.Empty(Processes().Intersect(orphans));
        Assert.DoesNotContain("/setup#token=", next.Output, StringComparison.Ordinal);
        // The keys that tokens are signed with are kept too: nobody has to sign in again.
        var names = await client.GetFromJsonAsync<JsonElement>("/api/v2/metrics/names");
        Assert.Contains("life.kept", names.GetRawText(), StringComparison.Ordinal);

        var stopping = Stopwatch.GetTimestamp();
        next.Interrupt();
        await next.ExitAsync(TimeSpan.FromSeconds(20));
        Assert.True(Stopwatch.GetElapsedTime(stopping) < TimeSpan.FromSeconds(10), $"Stopping took {Stopwatch.GetElapsedTime(stopping).TotalSeconds:F1} s");
        Assert.Empty(Processes());
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/alive"));
    }

    [Fact]
    public async Task Stop_WhileAServiceIsNotDone_LeavesItPostgresAndItsTime()
    {
        if (!OperatingSystem.IsLinux())
            return; // signals, and the environment of a process
        await using var host = AppHostProcess.Start("--data", _data, "--port", Ports.Free().ToString(CultureInfo.InvariantCulture));
        await host.ReadyAsync(JarvisStack.StartLimit);
        var id = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(_data, "processes.json")))
            .EnumerateArray()
            .Single(entry => entry.GetProperty("Resource").GetString()!.StartsWith("workflows-", StringComparison.Ordinal))
                .GetProperty("ProcessId").GetInt32();
        using var busy = Process.GetProcessById(id);
        var connection = (await File.ReadAllTextAsync($"/proc/{id}/environ")).Split('\0').Single(variable =>
            variable.StartsWith("ConnectionStrings__jarvisdb=", StringComparison.Ordinal)).Split('=', 2)[1];
        // It has something to do that takes longer than it gets.
        ReplicatedStack.Signal("-STOP", id);

        var stopping = Stopwatch.GetTimestamp();
        host.Interrupt();
        await host.SaysAsync("Waiting for ", Soon);

        await using (var database = new Npgsql.NpgsqlConnection(connection))
        {
            await database.OpenAsync();
            await using var command = new Npgsql.NpgsqlCommand("SELECT 1 FROM workflows.task LIMIT 1", database);
            await command.ExecuteScalarAsync();
        }
        Assert.False(busy.HasExited);
        await busy.WaitForExitAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(stopping).TotalSeconds, 5, 9);
        Assert.Equal(0, await host.ExitAsync(TimeSpan.FromSeconds(15)));
        Assert.Empty(Processes());
    }

    [Fact]
    public async Task Data_OfARelease_ThatRanPostgresAsNobodyAreTakenOver()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return; // accounts
        var port = Ports.Free().ToString(CultureInfo.InvariantCulture);
        await using (var before = AppHostProcess.Start("--data", _data, "--port", port))
        {
            await before.ReadyAsync(JarvisStack.StartLimit);
            before.Interrupt();
            Assert.Equal(0, await before.ExitAsync(Soon));
        }
        var data = Path.Combine(_data, "postgres");
        await Process.Start("chown", ["-R", "65534:65534", data]).WaitForExitAsync();
        Process.Start("chmod", ["0755", _data]).WaitForExit();
        File.SetUnixFileMode(Path.Combine(_data, "auth.secret"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        await using var after = AppHostProcess.Start("--data", _data, "--port", port);
        await after.ReadyAsync(TimeSpan.FromSeconds(90));

        using var owner = Process.Start(new ProcessStartInfo("find", [data, "-user", "65534"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        Assert.Equal("", await owner.StandardOutput.ReadToEndAsync());
        Assert.Equal(UnixFileMode.None,
            File.GetUnixFileMode(_data) & (UnixFileMode.OtherRead | UnixFileMode.GroupRead | UnixFileMode.OtherWrite));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_data, "auth.secret")));
    }

    [Fact]
    public async Task Model_WhereContainersRun_HasPostgresAndRedisAsContainersAndHoldsNoSecret()
    {
        Directory.CreateDirectory(_data);
        var manifest = Path.Combine(_data, "manifest.json");
        await using var host = AppHostProcess.Start(
            "--operation", "publish", "--publisher", "manifest", "--output-path", manifest, "--Mail:Smtp:Password=swordfish-0001", "--Embeddings:ApiKey=sk-swordfish-0002");
        Assert.Equal(0, await host.ExitAsync(TimeSpan.FromSeconds(60)));

        var text = await File.ReadAllTextAsync(manifest);
        using var model = JsonDocument.Parse(text);
        var resources = model.RootElement.GetProperty("resources");
        foreach (var server in (string[])["postgres", "redis"])
            Assert.Equal("container.v0", resources.GetProperty(server).GetProperty("type").GetString());
        foreach (var service in (string[])["telemetry", "catalog", "workflows", "gateway"])
            Assert.Equal("project.v0", resources.GetProperty(service).GetProperty("type").GetString());
        Assert.DoesNotContain("swordfish", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoStacks_OnOneMachine_DoNotCollide()
    {
        var (first, second) = (Ports.Free().ToString(CultureInfo.InvariantCulture), Ports.Free().ToString(CultureInfo.InvariantCulture));
        await using var one = AppHostProcess.Start("--data", "temp", "--port", first);
        await using var other = AppHostProcess.Start("--data", "temp", "--port", second);
        await Task.WhenAll(one.ReadyAsync(JarvisStack.StartLimit), other.ReadyAsync(JarvisStack.StartLimit));

        using var client = new HttpClient();
        foreach (var port in (string[])[first, second])
        {
            using var health = await client.GetAsync(new Uri($"http://localhost:{port}/health"));
            Assert.True(health.IsSuccessStatusCode, $"The stack at {port} answers {(int)health.StatusCode}.");
        }
    }

    [Fact]
    public async Task Option_ThatAServiceRefuses_IsNamedAndNotTriedForEver()
    {
        await using var host = AppHostProcess.Start("--data", "temp", "--port", Ports.Free().ToString(CultureInfo.InvariantCulture), "--Limits:Read=-5");

        await host.SaysAsync("cannot run with its configuration", JarvisStack.StartLimit);
        await host.SaysAsync("gateway failed: ", Soon);

        Assert.Contains("Limits:Read: ", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("starting it again", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orchestrator_ThatIsKilled_EndsJarvisWithALineAndNothingIsLeft()
    {
        if (!OperatingSystem.IsLinux())
            return; // how to find the process
        await using var host = AppHostProcess.Start("--data", _data, "--port", Ports.Free().ToString(CultureInfo.InvariantCulture));
        await host.ReadyAsync(JarvisStack.StartLimit);
        using (var orchestrator = Process.GetProcessesByName("dcp").Single(process => CommandLine(process).Contains($"--monitor\0{host.Id}\0", StringComparison.Ordinal)
                   && CommandLine(process).Contains("start-apiserver", StringComparison.Ordinal)))
            orchestrator.Kill();

        Assert.Equal(1, await host.ExitAsync(Soon));

        Assert.Contains("orchestrator has ended unexpectedly", host.Output, StringComparison.Ordinal);
        Assert.Empty(Processes());
    }

    /// <summary>The passwords in the configuration of what serves as Redis: 48 digits.</summary>
    private string[] RedisPasswords() => [.. ((string[])["redis/redis.conf", "garnet/garnet.json"]).Select(file => Path.Combine(_data, file))
        .Where(File.Exists)
        .SelectMany(file => Regex.Matches(File.ReadAllText(file), "[0-9a-f]{48}").Select(match => match.Value))];

    /// <summary>The processes whose command line names this test's data directory: the database and what serves as Redis.</summary>
    private int[] Processes() =>
        [.. Process.GetProcesses().Where(process => CommandLine(process).Contains(_data, StringComparison.Ordinal)).Select(process => process.Id)];

    private static string CommandLine(Process process)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? File.ReadAllText($"/proc/{process.Id}/cmdline")
                : "";
        }
        catch (IOException)
        {
            return ""; // gone meanwhile
        }
    }
}
