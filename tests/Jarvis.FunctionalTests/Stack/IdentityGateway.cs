using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Hosting.Testing;
using Npgsql;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>An answer of the gateway.</summary>
internal sealed record Answer(int Status, JsonElement Body, HttpResponseHeaders Headers)
{
    public JsonElement Data => Body.GetProperty("data");

    public string? Code => Body.GetProperty("error_code").GetString();

    public Answer Expect(int status)
    {
        Assert.True(Status == status, $"{Status} instead of {status}: {Body}");
        return this;
    }
}

/// <summary>
/// A gateway of its own, as a process, with a database of its own in the stack's Postgres and a server of e-mail: what a test does to accounts touches no other test. Limits
/// are off, and sign-in waits only for accounts, since all of it comes from one address.
/// </summary>
public sealed class IdentityGateway(JarvisStack jarvis) : IAsyncLifetime, IAsyncDisposable
{
    public const string AdminEmail = "ada@example.com";
    public const string AdminPassword = "tram opposite violet kettle";
    public const string SetupToken = "token-of-the-tests";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly string _secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly string _name = $"identity_{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
    private FakeSmtp? _mail;
    private Process? _process;
    private string _connection = "";

    /// <summary>Keeps no cookies, and follows nothing.</summary>
    public HttpClient Client { get; private set; } = null!;

    internal FakeSmtp Mail => _mail!;

    public NpgsqlDataSource Database { get; private set; } = null!;

    public string Output => string.Join('\n', _lines);

    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal)
    {
        ["Auth__SetupToken"] = SetupToken,
        ["Auth__Registration"] = "open",
        ["Auth__Lockout__AddressFailures"] = "0",
        ["Auth__PublicUrl"] = "http://jarvis.example",
        ["Auth__PasswordConcurrency"] = "2",
        ["Auth__UsageFlushSeconds"] = "1",
        ["Mail__PollSeconds"] = "1",
        ["Mail__RecipientSeconds"] = "0",
        ["Mail__Smtp__Host"] = "127.0.0.1",
        ["Mail__Smtp__From"] = "jarvis@example.com",
        ["Mail__Smtp__Tls"] = "false",
        // It shares Redis with the stack's gateway, and has other accounts and keys: the services must not ask it.
        ["Registry__Announce"] = "false",
        ["Limits__Auth"] = "0",
        ["Limits__Read"] = "0",
        ["Limits__Write"] = "0",
    };

    /// <summary>One that a single test has, set up with an admin unless it says otherwise.</summary>
    internal static async Task<IdentityGateway> StartAsync(JarvisStack jarvis, bool setUp, params (string Name, string Value)[] settings)
    {
        var gateway = new IdentityGateway(jarvis);
        foreach (var (name, value) in settings)
            gateway.Settings[name] = value;
        await gateway.StartAsync();
        if (setUp)
            await gateway.SetUpAsync();
        return gateway;
    }

    public async Task InitializeAsync()
    {
        await StartAsync();
        await SetUpAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    public async Task DisposeAsync()
    {
        await StopAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        if (_mail is not null)
            await _mail.DisposeAsync();
    }

    internal async Task<Answer> SendAsync(string method, string path, object? body = null, string? bearer = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path.StartsWith('/') ? path : $"/api/v2/{path}");
        if (body is not null)
            request.Content = JsonContent.Create(body);
        if (bearer is not null)
            request.Headers.Authorization = new("Bearer", bearer);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await Client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(), response.Headers);
    }

    internal Task<Answer> LoginAsync(string email, string password, string session = "token") => SendAsync("POST", "auth/login", new { email, password, session });

    internal async Task<string> AdminAsync() => Access((await LoginAsync(AdminEmail, AdminPassword)).Expect(200));

    internal static string Access(Answer signedIn) => signedIn.Data.GetProperty("access_token").GetString()!;

    internal static string Refresh(Answer signedIn) => signedIn.Data.GetProperty("refresh_token").GetString()!;

    /// <summary>An account that an admin's invitation made, and its id.</summary>
    internal async Task<(string Email, string Password, Guid Id)> MakeAccountAsync(string role = "viewer")
    {
        var email = $"user-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";
        const string Password = "gravel lantern nineteen owls";
        var invitation = (await SendAsync("POST", "auth/invitations", new { role }, await AdminAsync())).Expect(201).Data.GetProperty("token").GetString();
        (await SendAsync("POST", "auth/register", new { email, password = Password, invitation })).Expect(202);
        return (email, Password, (await LoginAsync(email, Password)).Expect(200).Data.GetProperty("user").GetProperty("id").GetGuid());
    }

    /// <summary>For what a test must not wait for: the past.</summary>
    internal async Task<int> SqlAsync(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteNonQueryAsync();
    }

    internal async Task<T> ScalarAsync<T>(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>
    /// Sends a request that comes to an account's row while somebody else changes it: the change is committed as soon as the request
    /// waits for it, so the request has read what was before.
    /// </summary>
    internal async Task<Answer> DuringAsync(Guid account, string change, Func<Task<Answer>> send)
    {
        await using var connection = await Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("SELECT FROM identity.account WHERE id = $1 FOR UPDATE",
            connection)
        { Parameters = { new() { Value = account } } })
            await command.ExecuteNonQueryAsync();
        var sent = send();
        await Eventually.GetAsync("a request that waits for the account", TimeSpan.FromSeconds(20), async () =>
            await ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')") ? "waits" : null);
        await using (var command = new NpgsqlCommand(change, connection) { Parameters = { new() { Value = account } } })
            await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return await sent;
    }

    /// <summary>The same accounts, with other settings.</summary>
    internal async Task RestartAsync(params (string Name, string Value)[] settings)
    {
        foreach (var (name, value) in settings)
            Settings[name] = value;
        await StopAsync();
        await StartProcessAsync();
    }

    private async Task SetUpAsync() =>
        (await SendAsync("POST", "auth/setup", new { token = SetupToken, email = AdminEmail, password = AdminPassword })).Expect(200);

    private async Task StartAsync()
    {
        _mail = new FakeSmtp();
        var server = new NpgsqlConnectionStringBuilder(await jarvis.App.GetConnectionStringAsync("jarvisdb"));
        // A test before may have stopped the server, and a pool would still hold the sessions of then.
        await using (var connection = new NpgsqlConnection($"{server.ConnectionString};Pooling=false"))
        {
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand($"CREATE DATABASE {_name}", connection);
            await create.ExecuteNonQueryAsync();
        }
        server.Database = _name;
        _connection = server.ConnectionString;
        Database = NpgsqlDataSource.Create(_connection);
        await StartProcessAsync();
    }

    private async Task StartProcessAsync()
    {
        var configuration = typeof(IdentityGateway).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var folder = Path.Combine(Path.GetDirectoryName(new Projects.Jarvis_Gateway().ProjectPath)!, "bin", configuration, "net10.0");
        var address = $"http://127.0.0.1:{Ports.Free()}";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "Jarvis.Gateway.dll"), "--urls", address, "--contentRoot", folder])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Settings)
            start.Environment[name] = value;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ConnectionStrings__jarvisdb"] = _connection;
        start.Environment["ConnectionStrings__redis"] = await jarvis.App.GetConnectionStringAsync("redis");
        start.Environment["Auth__Secret"] = _secret;
        start.Environment["Mail__Smtp__Port"] = Mail.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
        await Eventually.GetAsync($"a gateway with its tables; its output: {Output}", StartLimit, async () =>
        {
            try
            {
                return (await SendAsync("GET", "auth/setup")).Status == 200 ? "ready" : null;
            }
            catch (HttpRequestException)
            {
                Assert.False(_process.HasExited, $"The gateway ended: {Output}");
                return null;
            }
        });
    }

    /// <summary>As an operator stops it: what waits in memory is written.</summary>
    internal async Task StopGentlyAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(StartLimit);
    }

    private async Task StopAsync()
    {
        Client?.Dispose();
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }
}
