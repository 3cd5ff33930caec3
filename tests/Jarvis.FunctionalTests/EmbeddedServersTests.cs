using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Jarvis.FunctionalTests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Jarvis.FunctionalTests;

/// <summary>Nobody but the services gets at the servers that the AppHost starts, nor learns from their processes how to.</summary>
[Collection(StackCollection.Name)]
public sealed class EmbeddedServersTests(JarvisStack jarvis)
{
    private const string Loopback = "0100007F";

    [Fact]
    public async Task Postgres_OfTheAppHost_IsOnTheLoopbackAndAsksForScram()
    {
        var text = (await jarvis.App.GetConnectionStringAsync("jarvisdb"))!;
        await using var database = NpgsqlDataSource.Create(text);

        Assert.Equal("127.0.0.1", await TextAsync(database, "SHOW listen_addresses"));
        Assert.Equal("", await TextAsync(database, "SHOW unix_socket_directories"));
        Assert.Equal("on", await TextAsync(database, "SHOW fsync"));
        Assert.Equal("scram-sha-256", await TextAsync(database, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"));
        var connection = new NpgsqlConnectionStringBuilder(text);
        Assert.Equal("ScramSHA256", connection.RequireAuth);
        OnlyOnTheLoopback(connection.Port);
        connection.Password = "wrong";
        await using var stranger = new NpgsqlConnection(connection.ConnectionString);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await Assert.ThrowsAsync<PostgresException>(() => stranger.OpenAsync()))
            .SqlState);
    }

    [Fact]
    public async Task Redis_OfTheAppHost_IsOnTheLoopbackAndWantsItsPassword()
    {
        var text = (await jarvis.App.GetConnectionStringAsync("redis"))!;
        var port = int.Parse(text.Split(',')[0].Split(':')[1], CultureInfo.InvariantCulture);

        OnlyOnTheLoopback(port);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("*1\r\n$4\r\nPING\r\n"));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.StartsWith("-NOAUTH", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processes_OfJarvis_HaveNoSecretInTheirArguments()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var secrets = new List<string>
        {
            new NpgsqlConnectionStringBuilder(await jarvis.App.GetConnectionStringAsync("jarvisdb")).Password!,
            (await jarvis.App.GetConnectionStringAsync("redis"))!.Split("password=")[1],
        };
        foreach (var parameter in jarvis.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ParameterResource>()
            .Where(parameter => parameter.Secret))
            secrets.Add((await parameter.GetValueAsync(CancellationToken.None))!);
        foreach (var service in (string[])["gateway", "catalog", "workflows", "telemetry"])
        {
            secrets.AddRange(Variables(service).Where(variable => variable.StartsWith("ConnectionStrings__jarvisdb",
                StringComparison.Ordinal))
                .Select(variable => new NpgsqlConnectionStringBuilder(variable.Split('=', 2)[1]).Password!));
        }

        Assert.True(secrets.Count >= 9, $"{secrets.Count} secrets");
        // The AppHost's own are the caller's to choose; these tests give it the first account's password.
        foreach (var part in (string[])["postgres", "redis", "gateway", "catalog", "workflows", "telemetry"])
        {
            var arguments = await File.ReadAllTextAsync($"/proc/{ProcessOf(part)}/cmdline");
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, arguments, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Servers_OfTheAppHost_InheritNothingOfItAndPostgresIsNobodyElses()
    {
        if (!OperatingSystem.IsLinux())
            return;
        string[] known = ["PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DOTNET_ROOT", "HOME", "DOTNET_gcServer",
            "DOTNET_TieredPGO", "PWD", "PG_GRANDPARENT_PID", "PGLOCALEDIR", "PGSYSCONFDIR"];
        foreach (var server in (string[])["postgres", "redis"])
            Assert.Empty(Variables(server).Select(variable => variable.Split('=')[0]).Except(known, StringComparer.Ordinal));
        if (!Environment.IsPrivilegedProcess)
            return;
        var user = File.ReadLines($"/proc/{ProcessOf("postgres")}/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal))
            .Split('\t')[1];
        Assert.DoesNotContain(user, (string[])["0", "65534"]);
    }

    [Fact]
    public async Task Postgres_OfTheAppHost_HasEnoughConnectionsForAllProcesses()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using var database = NpgsqlDataSource.Create((await jarvis.App.GetConnectionStringAsync("jarvisdb"))!);
        var total = 0;
        foreach (var service in (string[])["gateway", "catalog", "workflows", "telemetry"])
            total += Variables(service).Where(variable => variable.StartsWith("Postgres__", StringComparison.Ordinal)).Sum(variable =>
                int.Parse(variable.Split('=')[1], CultureInfo.InvariantCulture));

        Assert.Equal(4 * (20 + 4), total);
        Assert.True(int.Parse(await TextAsync(database, "SHOW max_connections"), CultureInfo.InvariantCulture) - total >= 10);
    }

    [Fact]
    public async Task Postgres_OfTheUsers_ThatIsTooSmallForTheReplicasIsRefusedBeforeAnythingStarts()
    {
        await using var host = AppHostProcess.Start(
            $"--ConnectionStrings:jarvisdb={await jarvis.App.GetConnectionStringAsync("jarvisdb")}", "--data", "temp",
            "--port", Ports.Free().ToString(CultureInfo.InvariantCulture),
            "--Replicas:Catalog=16", "--Replicas:Workflows=16", "--Replicas:Telemetry=16", "--Replicas:Gateway=16");

        Assert.Equal(1, await host.ExitAsync(TimeSpan.FromSeconds(60)));

        Assert.Contains("64 processes of Jarvis need at least", host.Output, StringComparison.Ordinal);
        Assert.Contains("max_connections", host.Output, StringComparison.Ordinal);
    }

    private int ProcessOf(string part)
    {
        using var process = jarvis.ProcessOf(part);
        return process.Id;
    }

    private string[] Variables(string part) => OperatingSystem.IsLinux()
        ? File.ReadAllText($"/proc/{ProcessOf(part)}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries)
        : [];

    private static void OnlyOnTheLoopback(int port)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var ending = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        string[] addresses = [.. ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > 3 && columns[3] == "0A" && columns[1].EndsWith(ending, StringComparison.Ordinal))
                .Select(columns => columns[1].Split(':')[0])];
        Assert.Equal([Loopback], addresses);
    }

    private static async Task<string> TextAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
