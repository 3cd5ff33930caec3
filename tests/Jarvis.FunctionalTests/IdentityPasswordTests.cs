using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Changing and resetting passwords, with the links in e-mails.</summary>
[Collection(StackCollection.Name)]
public sealed class IdentityPasswordTests(IdentityGateway gateway) : IClassFixture<IdentityGateway>
{
    private const string NewPassword = "eleven paper windmills hum";

    [Fact]
    public async Task Change_EndsTheOtherSessions_AndOnlyTheNewPasswordWorks()
    {
        var (email, password, _) = await gateway.MakeAccountAsync();
        var here = (await gateway.LoginAsync(email, password)).Expect(200);
        var there = (await gateway.LoginAsync(email, password)).Expect(200);
        (await ChangeAsync(here, "not the password at all", NewPassword)).Expect(401);
        (await ChangeAsync(here, password, "password12345")).Expect(422);
        (await ChangeAsync(here, password, NewPassword)).Expect(200);
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(here))).Expect(200);
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(there))).Expect(401);
        (await gateway.LoginAsync(email, password)).Expect(401);
        (await gateway.LoginAsync(email, NewPassword)).Expect(200);
    }

    [Fact]
    public async Task Reset_ByTheLink_EndsAllSessions_AndWorksOnce()
    {
        var (email, password, _) = await gateway.MakeAccountAsync();
        var live = (await gateway.LoginAsync(email, password)).Expect(200);
        (await gateway.SendAsync("POST", "auth/password/forgot", new { email })).Expect(202);
        var token = await gateway.Mail.TokenAsync(email, "reset-password");
        (await gateway.SendAsync("POST", "auth/password/reset", new { token, password = "short" })).Expect(422);
        (await gateway.SendAsync("POST", "auth/password/reset", new { token, password = email })).Expect(422);
        (await gateway.SendAsync("POST", "auth/password/reset", new { token, password = NewPassword })).Expect(200);
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(live))).Expect(401);
        Assert.Equal("INVALID_TOKEN", (await gateway.SendAsync("POST", "auth/password/reset", new { token, password = NewPassword })).Expect(401).Code);
        (await gateway.LoginAsync(email, NewPassword)).Expect(200);
        Assert.DoesNotContain(token, gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(email, gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_RevokesTheApiKeys_AndChange_WhenAsked()
    {
        var (email, password, _) = await gateway.MakeAccountAsync();
        var live = (await gateway.LoginAsync(email, password)).Expect(200);
        var keys = await KeysAsync(live, 2);
        Assert.Equal(0, (await ChangeAsync(live, password, NewPassword)).Expect(200).Data.GetProperty("api_keys_revoked").GetInt32());
        Assert.All(await Task.WhenAll(keys.Select(key => gateway.SendAsync("GET", "auth/me", bearer: key))), answer => answer.Expect(200));
        var changed = (await gateway.SendAsync("POST", "auth/password/change",
            new { current_password = NewPassword, new_password = password, revoke_api_keys = true },
                IdentityGateway.Access(live))).Expect(200);
        Assert.Equal(2, changed.Data.GetProperty("api_keys_revoked").GetInt32());
        Assert.All(await Task.WhenAll(keys.Select(key => gateway.SendAsync("GET", "auth/me", bearer: key))), answer => answer.Expect(401));

        keys = await KeysAsync(live, 3);
        (await gateway.SendAsync("POST", "auth/password/forgot", new { email })).Expect(202);
        var token = await gateway.Mail.TokenAsync(email, "reset-password");
        var reset = (await gateway.SendAsync("POST", "auth/password/reset", new { token, password = NewPassword })).Expect(200).Data;
        Assert.Equal(3, reset.GetProperty("api_keys_revoked").GetInt32());
        Assert.All(await Task.WhenAll(keys.Select(key => gateway.SendAsync("GET", "auth/me", bearer: key))), answer => answer.Expect(401));
    }

    [Fact]
    public async Task ApiKey_ThatIsMadeWhileAllEnds_IsRefused()
    {
        var (email, password, id) = await gateway.MakeAccountAsync();
        var live = (await gateway.LoginAsync(email, password)).Expect(200);
        var made = await gateway.DuringAsync(id, "UPDATE identity.session SET revoked_at = now() WHERE account_id = $1",
            () => gateway.SendAsync("POST", "auth/api-keys", new { name = "late" }, IdentityGateway.Access(live)));
        Assert.Equal("INVALID_TOKEN", made.Expect(401).Code);
        Assert.Equal(0, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.api_key WHERE account_id = $1", id));
    }

    [Fact]
    public async Task Reset_WaitsForTheAccount_BeforeItTakesTheLink()
    {
        var (email, _, id) = await gateway.MakeAccountAsync();
        (await gateway.SendAsync("POST", "auth/password/forgot", new { email })).Expect(202);
        var token = await gateway.Mail.TokenAsync(email, "reset-password");
        // Whoever deletes the account holds its row and needs its links: in the other order both would wait for ever.
        var answer = await gateway.DuringAsync(id, "DELETE FROM identity.account WHERE id = $1", () =>
            gateway.SendAsync("POST", "auth/password/reset", new { token, password = NewPassword }));
        Assert.Equal("INVALID_TOKEN", answer.Expect(401).Code);
    }

    [Fact]
    public async Task Reset_AfterAnHour_IsRefused()
    {
        var (email, _, _) = await gateway.MakeAccountAsync();
        (await gateway.SendAsync("POST", "auth/password/forgot", new { email })).Expect(202);
        var token = await gateway.Mail.TokenAsync(email, "reset-password");
        await gateway.SqlAsync("UPDATE identity.email_link SET expires_at = now() - interval '1 second'");
        (await gateway.SendAsync("POST", "auth/password/reset", new { token, password = NewPassword })).Expect(401);
    }

    [Fact]
    public async Task Forgot_ForAnUnknownAddress_SendsNothing()
    {
        const string Unknown = "nobody-at-all@example.com";
        var (email, _, _) = await gateway.MakeAccountAsync();
        (await gateway.SendAsync("POST", "auth/password/forgot", new { email = Unknown })).Expect(202);
        // What was asked for later has been sent.
        (await gateway.SendAsync("POST", "auth/password/forgot", new { email })).Expect(202);
        await gateway.Mail.TokenAsync(email, "reset-password");
        Assert.Equal(0, gateway.Mail.Count(Unknown));
    }

    [Fact]
    public async Task Password_MadeWithFewerIterations_IsHashedAnewAtSignIn()
    {
        var (email, password, id) = await gateway.MakeAccountAsync();
        var before = await gateway.ScalarAsync<string>("SELECT password_hash FROM identity.account WHERE id = $1", id);
        await gateway.RestartAsync(("Auth__PasswordIterations", "215000"));
        (await gateway.LoginAsync(email, password)).Expect(200);
        var after = await gateway.ScalarAsync<string>("SELECT password_hash FROM identity.account WHERE id = $1", id);
        Assert.NotEqual(before, after);
        (await gateway.LoginAsync(email, password)).Expect(200);
        Assert.Equal(after, await gateway.ScalarAsync<string>("SELECT password_hash FROM identity.account WHERE id = $1", id));
    }

    private async Task<string[]> KeysAsync(Answer signedIn, int count)
    {
        var keys = new string[count];
        for (var i = 0; i < count; i++)
            keys[i] = (await gateway.SendAsync("POST", "auth/api-keys", new { name = $"key {i}" },
                IdentityGateway.Access(signedIn))).Expect(201).Data.GetProperty("key").GetString()!;
        return keys;
    }

    private Task<Answer> ChangeAsync(Answer signedIn, string current, string next) =>
        gateway.SendAsync("POST", "auth/password/change", new { current_password = current, new_password = next }, IdentityGateway.Access(signedIn));
}
