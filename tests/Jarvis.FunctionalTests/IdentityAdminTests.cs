using System.Text.Json;
using Jarvis.FunctionalTests.Stack;
using Npgsql;

namespace Jarvis.FunctionalTests;

/// <summary>API keys, tickets, accounts and the audit log.</summary>
[Collection(StackCollection.Name)]
public sealed class IdentityAdminTests(IdentityGateway gateway) : IClassFixture<IdentityGateway>
{
    [Fact]
    public async Task ApiKey_IsShownOnce_WorksWithinItsScopes_AndNotAfterItIsRevoked()
    {
        var (email, password, _) = await gateway.MakeAccountAsync("operator");
        var access = IdentityGateway.Access((await gateway.LoginAsync(email, password)).Expect(200));
        (await gateway.SendAsync("POST", "auth/api-keys", new { name = "too much", scopes = new[] { "admin" } }, access)).Expect(422);
        (await gateway.SendAsync("POST", "auth/api-keys", new { name = "", scopes = new[] { "fly" }, expires_in_days = 0 }, access)).Expect(422);
        var made = (await gateway.SendAsync("POST", "auth/api-keys", new { name = "a robot", scopes = new[] { "read" }, expires_in_days = 30 }, access)).Expect(201).Data;
        var key = made.GetProperty("key").GetString()!;
        Assert.Matches("^jrv_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$", key);
        var me = (await gateway.SendAsync("GET", "auth/me", bearer: key)).Expect(200).Data;
        Assert.Equal("viewer", me.GetProperty("role").GetString());
        Assert.Equal("api_key", me.GetProperty("session").GetProperty("kind").GetString());
        (await gateway.SendAsync("POST", "auth/api-keys", new { name = "a key's key" }, key)).Expect(403);

        var listed = Assert.Single((await gateway.SendAsync("GET", "auth/api-keys", bearer: access)).Expect(200).Data.GetProperty("api_keys").EnumerateArray());
        Assert.DoesNotContain(key, listed.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.api_key WHERE position($1 IN encode(hash, 'escape')) > 0", key));
        var id = listed.GetProperty("id").GetGuid();
        (await gateway.SendAsync("DELETE", $"auth/api-keys/{id}", bearer: await gateway.AdminAsync())).Expect(404);
        (await gateway.SendAsync("DELETE", $"auth/api-keys/{id}", bearer: access)).Expect(200);
        (await gateway.SendAsync("GET", "auth/me", bearer: key)).Expect(401);
        Assert.Equal(1, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.revocation WHERE session_id = $1", id));
    }

    [Fact]
    public async Task ApiKeys_OfOneAccount_AreBounded_AlsoInParallel()
    {
        var (email, password, id) = await gateway.MakeAccountAsync();
        var access = IdentityGateway.Access((await gateway.LoginAsync(email, password)).Expect(200));
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => gateway.SendAsync("POST", "auth/api-keys", new { name = $"key {i}" }, access)));
        Assert.Equal(50, answers.Count(answer => answer.Status == 201));
        Assert.Equal(10, answers.Count(answer => answer.Status == 409));
        Assert.Equal(50, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.api_key WHERE account_id = $1", id));
    }

    [Fact]
    public async Task ApiKeys_ThatWereRevoked_AreKept_InABoundedNumber()
    {
        var (email, password, id) = await gateway.MakeAccountAsync();
        var access = IdentityGateway.Access((await gateway.LoginAsync(email, password)).Expect(200));
        await gateway.SqlAsync(
            """
            INSERT INTO identity.api_key (id, account_id, name, prefix, hash, scopes, created_at, revoked_at)
            SELECT gen_random_uuid(), $1, 'old', 'x', sha256(gen_random_uuid()::text::bytea), '{read}', now(), now() - interval
                '1 second' * i FROM generate_series(1, 300) i
            """, id);
        (await gateway.SendAsync("POST", "auth/api-keys", new { name = "new" }, access)).Expect(201);
        Assert.Equal(101, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.api_key WHERE account_id = $1", id));
        Assert.True(await gateway.ScalarAsync<bool>(
            "SELECT min(revoked_at) > now() - interval '150 seconds' FROM identity.api_key WHERE account_id = $1", id));
    }

    [Fact]
    public async Task Admin_RevokesTheApiKeysOfAnAccount()
    {
        var (email, password, id) = await gateway.MakeAccountAsync();
        var access = IdentityGateway.Access((await gateway.LoginAsync(email, password)).Expect(200));
        var key = (await gateway.SendAsync("POST", "auth/api-keys", new { name = "leaked" }, access)).Expect(201).Data.GetProperty(
            "key").GetString();
        (await gateway.SendAsync("PATCH", $"users/{id}", new { revoke_api_keys = true }, await gateway.AdminAsync())).Expect(200);
        (await gateway.SendAsync("GET", "auth/me", bearer: key)).Expect(401);
        (await gateway.SendAsync("GET", "auth/me", bearer: access)).Expect(200);
    }

    [Fact]
    public async Task LastUse_OfAKey_IsWrittenSoon()
    {
        var access = await gateway.AdminAsync();
        var made = (await gateway.SendAsync("POST", "auth/api-keys", new { name = "used" }, access)).Expect(201).Data;
        (await gateway.SendAsync("GET", "auth/me", bearer: made.GetProperty("key").GetString())).Expect(200);
        await Eventually.GetAsync("the key's last use", TimeSpan.FromSeconds(20), async () =>
            await gateway.ScalarAsync<bool>("SELECT last_used_at IS NOT NULL FROM identity.api_key WHERE id = $1", made.GetProperty("api_key").GetProperty("id").GetGuid()) ? "written" : null);
    }

    [Fact]
    public async Task Ticket_IsForWhoIsSignedIn()
    {
        var ticket = (await gateway.SendAsync("POST", "auth/ws-ticket", bearer: await gateway.AdminAsync())).Expect(200).Data;
        Assert.Matches("^[A-Za-z0-9_-]{43}$", ticket.GetProperty("ticket").GetString());
        Assert.Equal(30, ticket.GetProperty("expires_in").GetInt32());
        (await gateway.SendAsync("POST", "auth/ws-ticket")).Expect(401);
    }

    [Fact]
    public async Task User_WhoseRoleChanges_GetsItWithTheNextToken_AndADisabledOneIsOut()
    {
        var (email, password, id) = await gateway.MakeAccountAsync();
        var admin = await gateway.AdminAsync();
        var signedIn = (await gateway.LoginAsync(email, password)).Expect(200);
        (await gateway.SendAsync("GET", "users", bearer: IdentityGateway.Access(signedIn))).Expect(403);
        Assert.Equal("operator", (await gateway.SendAsync("PATCH", $"users/{id}", new { role = "operator" }, admin)).Expect(200).Data.GetProperty("role").GetString());
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(signedIn))).Expect(401);
        var next = (await gateway.SendAsync("POST", "auth/refresh", new { refresh_token = IdentityGateway.Refresh(signedIn) })).Expect(200);
        Assert.Equal("operator", next.Data.GetProperty("user").GetProperty("role").GetString());

        (await gateway.SendAsync("PATCH", $"users/{id}", new { disabled = true }, admin)).Expect(200);
        (await gateway.SendAsync("POST", "auth/refresh", new { refresh_token = IdentityGateway.Refresh(next) })).Expect(401);
        (await gateway.LoginAsync(email, password)).Expect(401);
        (await gateway.SendAsync("PATCH", $"users/{id}", new { disabled = false }, admin)).Expect(200);
        (await gateway.LoginAsync(email, password)).Expect(200);
        (await gateway.SendAsync("PATCH", $"users/{id}", new { role = "king", disabled = "yes" }, admin)).Expect(422);
    }

    [Fact]
    public async Task LastAdmin_CannotBeLockedOut_AlsoInParallel()
    {
        var own = await TwoAdminsAsync();
        var answers = await Task.WhenAll(own.Ids.Select(id => gateway.SendAsync("PATCH", $"users/{id}", new { role = "viewer" }, own.Access)));
        Assert.Contains(answers, answer => answer.Status == 409);
        Assert.Equal(1, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.account WHERE role = 'admin' AND disabled_at IS NULL"));
        var left = await gateway.ScalarAsync<Guid>("SELECT id FROM identity.account WHERE role = 'admin' AND disabled_at IS NULL");
        // Whoever it is: the tests go on with the first one.
        await gateway.SqlAsync("UPDATE identity.account SET role = 'admin' WHERE email = $1", IdentityGateway.AdminEmail);
        var admin = await gateway.AdminAsync();
        if (left != own.Ids[0])
            (await gateway.SendAsync("DELETE", $"users/{left}", bearer: admin)).Expect(200);
        Assert.Equal(409, (await gateway.SendAsync("PATCH", $"users/{own.Ids[0]}", new { disabled = true }, admin)).Status);
        Assert.Equal(409, (await gateway.SendAsync("DELETE", $"users/{own.Ids[0]}", bearer: admin)).Status);
    }

    [Fact]
    public async Task Users_AreListedInPages_FilteredAndSorted()
    {
        var (email, _, id) = await gateway.MakeAccountAsync();
        var admin = await gateway.AdminAsync();
        var found = (await gateway.SendAsync("GET", $"users?q={email[..35]}&role=viewer&sort=-created_at", bearer: admin)).Expect(200).Data;
        Assert.Equal(id, Assert.Single(found.GetProperty("users").EnumerateArray()).GetProperty("id").GetGuid());
        Assert.Equal(1, (await gateway.SendAsync("GET", "users?limit=1", bearer: admin)).Expect(200).Data.GetProperty("users").GetArrayLength());
        Assert.Equal(0, (await gateway.SendAsync("GET", "users?q=%25_", bearer: admin)).Expect(200).Data.GetProperty("users").GetArrayLength());
        (await gateway.SendAsync("GET", "users?limit=0&sort=password_hash&role=x", bearer: admin)).Expect(422);
        (await gateway.SendAsync("GET", "users?offset=10000", bearer: admin)).Expect(200);
        (await gateway.SendAsync("GET", "users?offset=10001", bearer: admin)).Expect(422);
        (await gateway.SendAsync("GET", $"users/{Guid.Empty}", bearer: admin)).Expect(404);
    }

    [Fact]
    public async Task Audit_TellsWhoDidWhat_InPages_AndCannotBeChanged()
    {
        var (email, password, id) = await gateway.MakeAccountAsync();
        await gateway.LoginAsync(email, "not the password at all");
        (await gateway.LoginAsync(email, password)).Expect(200);
        var admin = await gateway.AdminAsync();
        var refused = await Eventually.GetAsync("the refused sign-in", TimeSpan.FromSeconds(20), async () =>
        {
            var page = (await gateway.SendAsync("GET", $"audit?action=auth.login&outcome=refused&account_id={id}", bearer: admin)).Expect(200).Data;
            return page.GetProperty("entries").EnumerateArray().Select(entry => (JsonElement?)entry).FirstOrDefault() is { } entry ? (object)entry : null;
        });
        Assert.Equal("wrong password", ((JsonElement)refused).GetProperty("detail").GetString());
        Assert.Equal("127.0.0.1", ((JsonElement)refused).GetProperty("address").GetString());

        var seen = new HashSet<Guid>();
        var path = $"audit?account_id={id}&limit=1";
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await gateway.SendAsync("GET", path + (cursor.Length > 0 ? $"&cursor={cursor}" : ""), bearer: admin)).Expect(200).Data;
            Assert.True(seen.Add(Assert.Single(page.GetProperty("entries").EnumerateArray()).GetProperty("id").GetGuid()));
            cursor = page.GetProperty("pagination").GetProperty("next_cursor").GetString();
        }
        Assert.Equal(await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.audit WHERE account_id = $1", id), seen.Count);
        (await gateway.SendAsync("GET", "audit?limit=x&outcome=maybe&account_id=me&cursor=!&since=soon", bearer: admin)).Expect(422);
        foreach (var sql in new[] { "UPDATE identity.audit SET detail = ''", "DELETE FROM identity.audit", "TRUNCATE identity.audit" })
            await Assert.ThrowsAsync<PostgresException>(() => gateway.SqlAsync(sql));
    }

    [Fact]
    public async Task Refusals_OfAViewer_TakeTwoEntriesAMinute_OfABoundedSize()
    {
        var (email, password, id) = await gateway.MakeAccountAsync();
        var access = IdentityGateway.Access((await gateway.LoginAsync(email, password)).Expect(200));
        for (var i = 0; i < 50; i++)
            (await gateway.SendAsync("POST", $"circuit-breakers/{i}-{new string('x', 2_000)}/reset", bearer: access)).Expect(403);
        // A stop writes what was only counted.
        await gateway.StopGentlyAsync();
        Assert.Equal(50, await gateway.ScalarAsync<long>(
            "SELECT sum(count) FROM identity.audit WHERE account_id = $1 AND action = 'access.denied'", id));
        Assert.InRange(await gateway.ScalarAsync<long>(
            "SELECT count(*) FROM identity.audit WHERE account_id = $1 AND action = 'access.denied'", id), 1, 4);
        Assert.InRange(await gateway.ScalarAsync<int>("SELECT max(octet_length(target)) FROM identity.audit WHERE account_id = $1", id),
            100, 256);
        await gateway.RestartAsync();
    }

    [Fact]
    public async Task Trigger_IsInTheAuditLog_WithItsKey()
    {
        var (email, password, id) = await gateway.MakeAccountAsync("operator");
        var access = IdentityGateway.Access((await gateway.LoginAsync(email, password)).Expect(200));
        var made = (await gateway.SendAsync("POST", "auth/api-keys", new { name = "a robot", scopes = new[] { "run" } }, access)).Expect(
            201).Data;
        // There are no workflows here: it fails, and that is written down.
        var answer = await gateway.SendAsync("POST", "tasks/abc/cancel", bearer: made.GetProperty("key").GetString(),
            headers: ("X-Correlation-ID", "audit-of-a-cancel"));
        Assert.InRange(answer.Status, 500, 599);
        var admin = await gateway.AdminAsync();
        var entry = (JsonElement)await Eventually.GetAsync("the entry", TimeSpan.FromSeconds(20), async () =>
            (await gateway.SendAsync("GET", $"audit?action=task.cancel&outcome=failed&account_id={id}", bearer: admin)).Expect(
                200).Data.GetProperty("entries")
                .EnumerateArray().Select(entry => (object)entry).FirstOrDefault());
        Assert.Equal(("abc", "api_key", 1), (entry.GetProperty("target").GetString(), entry.GetProperty("credential").GetString(),
            entry.GetProperty("count").GetInt32()));
        Assert.Equal(made.GetProperty("api_key").GetProperty("id").GetGuid(), entry.GetProperty("credential_id").GetGuid());
        Assert.Equal("audit-of-a-cancel", entry.GetProperty("correlation_id").GetString());
    }

    [Fact]
    public async Task Revocation_BehindTenThousandOthersOfTheSameMoment_IsRead_Too()
    {
        var made = (await gateway.SendAsync("POST", "auth/api-keys", new { name = "in a crowd" }, await gateway.AdminAsync())).Expect(
            201).Data;
        var key = made.GetProperty("key").GetString();
        (await gateway.SendAsync("GET", "auth/me", bearer: key)).Expect(200);
        // As another replica would write them, without a word over Redis.
        await gateway.SqlAsync(
            """
            WITH crowd AS (INSERT INTO identity.revocation (session_id, at) SELECT gen_random_uuid(), now() FROM generate_series(1, 20500))
            INSERT INTO identity.revocation (session_id, at) VALUES ($1, now() + interval '1 second')
            """, made.GetProperty("api_key").GetProperty("id").GetGuid());
        await Eventually.GetAsync("the key is refused", TimeSpan.FromSeconds(20), async () =>
            (await gateway.SendAsync("GET", "auth/me", bearer: key)).Status == 401 ? "refused" : null);
        await gateway.SqlAsync("DELETE FROM identity.revocation WHERE session_id <> $1",
            made.GetProperty("api_key").GetProperty("id").GetGuid());
    }

    [Theory]
    [InlineData("session_revoked", "DELETE FROM identity.session WHERE revoked_at < now() - interval '30 days'")]
    [InlineData("refresh_token_spent", "DELETE FROM identity.refresh_token WHERE spent_at < now() - interval '6 hours'")]
    [InlineData("api_key_expired", "DELETE FROM identity.api_key WHERE expires_at < now() - interval '30 days'")]
    [InlineData("invitation_expired", "DELETE FROM identity.invitation WHERE expires_at < now() - interval '30 days'")]
    [InlineData("audit_not_success",
        "SELECT id FROM identity.audit WHERE outcome = 'failed' AND outcome <> 'success' ORDER BY at DESC, id DESC LIMIT 51")]
    public async Task WhatIsLookedFor_HasAnIndex(string index, string sql)
    {
        await using var connection = await gateway.Database.OpenConnectionAsync();
        await using (var prefer = new NpgsqlCommand("SET enable_seqscan = off", connection))
            await prefer.ExecuteNonQueryAsync();
        await using var explain = new NpgsqlCommand($"EXPLAIN {sql}", connection);
        var plan = new List<string>();
        await using (var reader = await explain.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                plan.Add(reader.GetString(0));
        }
        Assert.Contains(plan, line => line.Contains(index, StringComparison.Ordinal));
        await using var reset = new NpgsqlCommand("RESET enable_seqscan", connection);
        await reset.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task WhatHadItsTime_IsPruned_AndNothingElse()
    {
        var access = await gateway.AdminAsync();
        await gateway.SqlAsync(
            """
            INSERT INTO identity.audit (id, at, action, outcome) SELECT gen_random_uuid(), now() - interval '401 days', 'old', 'success' FROM generate_series(1, 1500);
            INSERT INTO identity.audit (id, at, action, outcome) VALUES (gen_random_uuid(), now() - interval '399 days', 'kept', 'success');
            INSERT INTO identity.revocation (session_id, at) SELECT gen_random_uuid(), now() - interval '25 hours' FROM generate_series(1, 10);
            INSERT INTO identity.session (id, account_id, kind, created_at, last_used_at, expires_at, max_expires_at, revoked_at)
                SELECT gen_random_uuid(), a.id, 'token', now(), now(), now() + interval '1 day', now() + interval '1 day', now() -
                    interval '31 days'
                FROM generate_series(1, 1500), (SELECT id FROM identity.account LIMIT 1) a;
            INSERT INTO identity.api_key (id, account_id, name, prefix, hash, scopes, created_at, expires_at, revoked_at)
                SELECT gen_random_uuid(), a.id, 'pruned', 'x', sha256(gen_random_uuid()::text::bytea), '{read}', now(), t.expired, t.revoked
                FROM (VALUES (now() - interval '31 days', NULL), (NULL, now() - interval '31 days')) t(expired, revoked), (SELECT id
                    FROM identity.account LIMIT 1) a;
            """);
        await gateway.RestartAsync();
        await Eventually.GetAsync("old entries are gone", TimeSpan.FromSeconds(30), async () =>
            await gateway.ScalarAsync<long>(
                "SELECT (SELECT count(*) FROM identity.audit WHERE action = 'old') + (SELECT count(*) FROM identity.revocation WHERE at < now() - interval '1 day') + (SELECT count(*) FROM identity.session WHERE revoked_at < now() - interval '30 days') + (SELECT count(*) FROM identity.api_key WHERE name = 'pruned')") == 0
                ? "gone" : null);
        Assert.Equal(1, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.audit WHERE action = 'kept'"));
        (await gateway.SendAsync("GET", "auth/me", bearer: access)).Expect(200);
    }

    private async Task<(Guid[] Ids, string Access)> TwoAdminsAsync()
    {
        var second = await gateway.MakeAccountAsync("admin");
        var first = await gateway.ScalarAsync<Guid>("SELECT id FROM identity.account WHERE email = $1", IdentityGateway.AdminEmail);
        return ([first, second.Id], IdentityGateway.Access((await gateway.LoginAsync(second.Email, second.Password)).Expect(200)));
    }
}
