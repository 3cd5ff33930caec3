using System.Net;
using System.Net.Http.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Jarvis.FunctionalTests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Jarvis.FunctionalTests;

/// <summary>None of the secrets of a run stands in a span, a metric or a log line of any part of Jarvis.</summary>
[Collection(StackCollection.Name)]
public sealed class SecretsTests(JarvisStack jarvis)
{
    private const string NewPassword = "eleven paper windmills hum";
    private const string GuestPassword = "gravel lantern nineteen owls";
    private const string WrongPassword = "not-the-password-at-all";
    private const string WrongToken = "q83vEjRWeJCrze8BI0VniavN7wEjRWeJq83vASNFZ4k";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Run_WithSecretsInEveryPlace_LeavesNoneBehind()
    {
        var gateway = await StartAsync();
        try
        {
            var secrets = await UseAsync(gateway);
            var last = $"last-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
            (await gateway.SendAsync("GET", "auth/setup", null, null, ("X-Correlation-ID", last))).Expect(200);
            using (var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/agents?limit=1"))
            {
                request.Headers.Add("X-Correlation-ID", last);
                using var response = await jarvis.Client.SendAsync(request);
                response.EnsureSuccessStatusCode();
            }
            await using var database = NpgsqlDataSource.Create((await jarvis.App.GetConnectionStringAsync("jarvisdb"))!);
            // Spans of a process are stored in the order in which they end.
            await Eventually.GetAsync("the last spans are stored", Limit, async () =>
                await CountAsync(database, "SELECT count(DISTINCT service || coalesce(instance_id, '')) FROM telemetry.span WHERE correlation_id = $1", last) >= 3 ? "stored" : null);

            foreach (var page in (string[])["/setup", "/register", "/reset-password", "/ws", "/api/v2/agents"])
                Assert.True(await CountAsync(database, "SELECT count(*) FROM telemetry.span WHERE attributes->>'url.path' = $1 AND attributes->>'url.query' LIKE '%=REDACTED%'", page) > 0, page);
            foreach (var secret in secrets)
            {
                Assert.Equal((secret, 0L), (secret, await CountAsync(database, Everything, secret)));
                Assert.Equal((secret, 0L), (secret, await CountAsync(gateway.Database, "SELECT count(*) FROM identity.audit AS a WHERE strpos(a::text, $1) > 0", secret)));
                Assert.DoesNotContain(secret, gateway.Output, StringComparison.Ordinal);
            }
            Assert.Contains("Request starting", gateway.Output, StringComparison.Ordinal);
            foreach (var (part, line) in await LinesAsync())
                Assert.All(secrets, secret => Assert.False(line.Contains(secret, StringComparison.Ordinal), $"{part}: {line}"));
        }
        finally
        {
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task StoredSpans_OfBefore_LoseTheirSecrets()
    {
        await using var database = NpgsqlDataSource.Create((await jarvis.App.GetConnectionStringAsync("jarvisdb"))!);
        await jarvis.StopResourceAsync("telemetry");
        try
        {
            // More than one step's.
            await using var before = database.CreateCommand(
                """
                INSERT INTO telemetry.span (trace_id, span_id, service, name, kind, started_at, start_unix_nano, duration_ns, status, status_message, attributes, events)
                SELECT decode('be' || lpad(to_hex(i), 30, '0'), 'hex'), decode('be' || lpad(to_hex(i), 14, '0'), 'hex'), 'before', 'GET /setup?token=of-before', 2, now(),
                    (extract(epoch FROM now()) * 1e9)::bigint - i, 1, 2, 'at /ws?ticket=of-before',
                    jsonb_build_object('url.query', 'limit=5&token=of-before', 'url.full', 'http://x/?key=of-before', 'kept', i),
                    jsonb_build_array(jsonb_build_object('name', 'exception', 'attributes', jsonb_build_object('exception.message', 'jrv_ab12cd34_' || repeat('of-before', 5))))
                FROM generate_series(1, 2500) AS i;
                INSERT INTO telemetry.trace (trace_id, start_unix_nano, end_unix_nano, span_count, error_count, services, root_name, root_service, root_start, root_is_top)
                SELECT trace_id, start_unix_nano, start_unix_nano + 1, 1, 1, ARRAY[service], name, service, start_unix_nano, true FROM telemetry.span WHERE service = 'before';
                INSERT INTO telemetry.span_redaction (start_unix_nano, trace_id, span_id) VALUES (9223372036854775807, '', '') ON CONFLICT DO NOTHING;
                """);
            await before.ExecuteNonQueryAsync();
        }
        finally
        {
            await jarvis.StartResourceAsync("telemetry");
        }
        await Eventually.GetAsync("all stored spans have been gone through", Limit, async () => await CountAsync(database, "SELECT count(*) FROM telemetry.span_redaction") == 0 ? "done" : null);
        Assert.Equal(0, await CountAsync(database, Everything, "of-before"));
        Assert.Equal(2_500, await CountAsync(database, "SELECT count(DISTINCT attributes->>'kept') FROM telemetry.span WHERE service = 'before' AND attributes->>'url.query' = 'limit=5&token=REDACTED'"));
        Assert.Equal(2_500, await CountAsync(database, "SELECT count(*) FROM telemetry.trace WHERE root_service = 'before' AND root_name = 'GET /setup?token=REDACTED'"));
        Assert.Contains(await LinesAsync(), line => line.Line.Contains("ab12cd34", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Links_ThatAreOutstandingAtTheUpdate_AreGoodNoMore()
    {
        var gateway = await IdentityGateway.StartAsync(jarvis, setUp: true);
        try
        {
            var invitation = (await gateway.SendAsync("POST", "auth/invitations", new { role = "admin" }, await gateway.AdminAsync())).Expect(201).Data.GetProperty("token").GetString();
            (await gateway.SendAsync("POST", "auth/password/forgot", new { email = IdentityGateway.AdminEmail })).Expect(202);
            var reset = await gateway.Mail.TokenAsync(IdentityGateway.AdminEmail, "reset-password");
            // As a database of before.
            await gateway.SqlAsync("DELETE FROM identity.migration WHERE name LIKE '0002_%'");
            await gateway.RestartAsync();
            await Eventually.GetAsync("the migration has run", Limit, async () =>
                await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.migration WHERE name LIKE '0002_%'") == 1 ? "applied" : null);
            (await gateway.SendAsync("POST", "auth/password/reset", new { token = reset, password = NewPassword })).Expect(401);
            (await gateway.SendAsync("POST", "auth/register", new { email = "eve@example.com", password = GuestPassword, invitation })).Expect(422);
            (await gateway.LoginAsync(IdentityGateway.AdminEmail, IdentityGateway.AdminPassword)).Expect(200);
        }
        finally
        {
            await gateway.DisposeAsync();
        }
    }

    private const string Everything =
        """
        SELECT (SELECT count(*) FROM telemetry.span AS s WHERE strpos(s::text, $1) > 0) + (SELECT count(*) FROM telemetry.trace AS t WHERE strpos(t::text, $1) > 0)
            + (SELECT count(*) FROM telemetry.metric AS m WHERE strpos(m::text, $1) > 0) + (SELECT count(*) FROM telemetry.point AS p WHERE strpos(p::text, $1) > 0)
        """;

    /// <summary>A gateway that sends its spans to the stack's telemetry, told to record everything, as Aspire tells it, and to log every request.</summary>
    private async Task<IdentityGateway> StartAsync()
    {
        var key = jarvis.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == "service-key");
        return await IdentityGateway.StartAsync(jarvis, setUp: true,
            ("Telemetry__Endpoint", jarvis.App.GetEndpoint("telemetry").AbsoluteUri), ("Security__ServiceKey", (await key.GetValueAsync(CancellationToken.None))!),
            ("OTEL_SERVICE_NAME", "gateway-of-secrets"), ("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true"),
            ("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true"), ("Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics", "Information"),
            ("Logging__LogLevel__Yarp.ReverseProxy.Forwarder", "Information"));
    }

    /// <summary>Signs in and up and out in every way, also wrongly, and sends what it got where it does not belong.</summary>
    private async Task<IReadOnlyList<string>> UseAsync(IdentityGateway gateway)
    {
        var signedIn = (await gateway.LoginAsync(IdentityGateway.AdminEmail, IdentityGateway.AdminPassword)).Expect(200);
        var (access, refresh) = (IdentityGateway.Access(signedIn), IdentityGateway.Refresh(signedIn));
        (await gateway.LoginAsync(IdentityGateway.AdminEmail, WrongPassword)).Expect(401);
        var key = (await gateway.SendAsync("POST", "auth/api-keys", new { name = "key", scopes = new[] { "read" } }, access)).Expect(201).Data.GetProperty("key").GetString()!;
        (await gateway.SendAsync("GET", "auth/me", bearer: key)).Expect(200);
        var ticket = (await gateway.SendAsync("POST", "auth/ws-ticket", bearer: access)).Expect(200).Data.GetProperty("ticket").GetString()!;

        var invitation = (await gateway.SendAsync("POST", "auth/invitations", new { role = "viewer", email = "guest@example.com" }, access)).Expect(201).Data.GetProperty("token").GetString()!;
        (await gateway.SendAsync("POST", "auth/register", new { email = "guest@example.com", password = GuestPassword, invitation })).Expect(202);
        (await gateway.SendAsync("POST", "auth/password/forgot", new { email = IdentityGateway.AdminEmail })).Expect(202);
        var reset = await gateway.Mail.TokenAsync(IdentityGateway.AdminEmail, "reset-password");
        (await gateway.SendAsync("POST", "auth/password/reset", new { token = WrongToken, password = NewPassword })).Expect(401);
        (await gateway.SendAsync("POST", "auth/password/reset", new { token = reset, password = NewPassword })).Expect(200);

        string[] secrets =
        [
            IdentityGateway.SetupToken, IdentityGateway.AdminPassword, NewPassword, GuestPassword, WrongPassword, WrongToken, access, refresh, key, ticket, invitation, reset,
        ];
        // Links of the older form, a socket's ticket, and what people send by mistake: to both gateways, so that it goes on to services too.
        using var anonymous = jarvis.CreateAnonymousClient();
        using var admin = jarvis.CreateAnonymousClient();
        admin.DefaultRequestHeaders.Authorization = jarvis.Client.DefaultRequestHeaders.Authorization;
        foreach (var client in (HttpClient[])[gateway.Client, anonymous, admin])
        {
            foreach (var secret in secrets)
            {
                var text = Uri.EscapeDataString(secret);
                foreach (var address in (string[])[$"/setup?token={text}", $"/register?token={text}", $"/reset-password?token={text}", $"/ws?ticket={text}", $"/ws?token={text}", $"/ws?{text}",
                             $"/api/v2/agents?limit=1&api_key={text}", $"/api/v2/search?q={text}", $"/api/v2/traces?key={text}", $"/api/v2/tasks/recent?access_token={text}"])
                    await TryAsync(client, new HttpRequestMessage(HttpMethod.Get, address));
            }
            // In a path nothing but its looks tells a secret.
            foreach (var secret in (string[])[WrongToken, key, access, refresh, ticket])
            {
                foreach (var address in (string[])[$"/ws/{secret}", $"/api/v2/agents/{secret}", $"/api/v2/tasks/{secret}", $"/{secret}"])
                    await TryAsync(client, new HttpRequestMessage(HttpMethod.Get, address));
            }
            await TryAsync(client, new HttpRequestMessage(HttpMethod.Get, "/api/v2/agents") { Headers = { { "Authorization", $"Bearer {WrongToken}" }, { "User-Agent", $"curl ({key})" } } });
            await TryAsync(client, new HttpRequestMessage(HttpMethod.Get, "/api/v2/auth/me") { Headers = { { "Cookie", $"__Host-jarvis={WrongToken}" } } });
            await TryAsync(client, new HttpRequestMessage(HttpMethod.Post, "/api/v2/auth/login") { Content = JsonContent.Create(new { email = key, password = 5 }) });
        }
        return secrets;
    }

    private static async Task TryAsync(HttpClient client, HttpRequestMessage request)
    {
        using (request)
        using (var response = await client.SendAsync(request))
            Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    private async Task<IReadOnlyList<(string Part, string Line)>> LinesAsync()
    {
        var logs = jarvis.App.Services.GetRequiredService<ResourceLoggerService>();
        var lines = new List<(string, string)>();
        foreach (var resource in jarvis.App.Services.GetRequiredService<DistributedApplicationModel>().Resources)
        {
            await foreach (var batch in logs.GetAllAsync(resource))
                lines.AddRange(batch.Select(line => (resource.Name, line.Content)));
        }
        return lines;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
