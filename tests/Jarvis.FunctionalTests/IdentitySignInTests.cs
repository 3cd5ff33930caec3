using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Sign-in, refresh and sign-out at a gateway of their own.</summary>
[Collection(StackCollection.Name)]
public sealed class IdentitySignInTests(IdentityGateway gateway) : IClassFixture<IdentityGateway>
{
    [Fact]
    public async Task Login_WithTheRightPassword_GivesTokensThatWork()
    {
        var signedIn = (await gateway.LoginAsync("ADA@example.com", IdentityGateway.AdminPassword)).Expect(200);
        Assert.Equal("Bearer", signedIn.Data.GetProperty("token_type").GetString());
        Assert.InRange(signedIn.Data.GetProperty("expires_in").GetInt64(), 60, 3_600);
        Assert.StartsWith("jrt_", IdentityGateway.Refresh(signedIn), StringComparison.Ordinal);
        Assert.Contains("no-store", signedIn.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
        Assert.False(signedIn.Data.TryGetProperty("csrf_token", out _));

        var me = (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(signedIn))).Expect(200).Data;
        Assert.Equal(IdentityGateway.AdminEmail, me.GetProperty("user").GetProperty("email").GetString());
        Assert.Equal("admin", me.GetProperty("role").GetString());
        Assert.Equal(signedIn.Data.GetProperty("session_id").GetGuid(), me.GetProperty("session").GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Login_ByCookie_HasNoTokensInTheBody_AndACookieThatScriptsCannotRead()
    {
        var signedIn = (await gateway.LoginAsync(IdentityGateway.AdminEmail, IdentityGateway.AdminPassword, "cookie")).Expect(200);
        Assert.False(signedIn.Data.TryGetProperty("access_token", out _));
        Assert.False(signedIn.Data.TryGetProperty("refresh_token", out _));
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), cookie =>
            cookie.StartsWith("__Host-jarvis=", StringComparison.Ordinal));
        Assert.Matches("^__Host-jarvis=[A-Za-z0-9_-]{43}; expires=.+; path=/; secure; samesite=lax; httponly$", cookie);

        var me = (await gateway.SendAsync("GET", "auth/me", headers: ("Cookie", cookie.Split(';')[0]))).Expect(200).Data;
        Assert.Equal("cookie", me.GetProperty("session").GetProperty("kind").GetString());
        Assert.Equal(signedIn.Data.GetProperty("csrf_token").GetString(), me.GetProperty("csrf_token").GetString());
    }

    [Fact]
    public async Task Login_WithWrongFields_NamesEveryOne()
    {
        var refused = (await gateway.SendAsync("POST", "auth/login", new { email = "no address", session = "forever" })).Expect(422);
        Assert.Equal(["email", "password", "session"], refused.Body.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order());
        (await gateway.SendAsync("POST", "auth/login", new[] { 1 })).Expect(400);
    }

    [Fact]
    public async Task Refresh_Rotates_AndTheSameTokenWithinTheGraceGivesTheSameSuccessor()
    {
        var first = IdentityGateway.Refresh((await gateway.LoginAsync(IdentityGateway.AdminEmail, IdentityGateway.AdminPassword)).Expect(200));
        var second = IdentityGateway.Refresh((await RefreshAsync(first)).Expect(200));
        var repeated = IdentityGateway.Refresh((await RefreshAsync(first)).Expect(200));
        Assert.NotEqual(first, second);
        Assert.Equal(second, repeated);
        (await RefreshAsync(second)).Expect(200);
    }

    [Fact]
    public async Task Refresh_FiftyTimesInParallel_LeavesOneFamilyWithOneSuccessor_AndALaterReplayEndsIt()
    {
        var signedIn = (await gateway.LoginAsync(IdentityGateway.AdminEmail, IdentityGateway.AdminPassword)).Expect(200);
        var session = signedIn.Data.GetProperty("session_id").GetGuid();
        var first = IdentityGateway.Refresh(signedIn);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RefreshAsync(first)));
        var second = Assert.Single(answers.Select(answer => IdentityGateway.Refresh(answer.Expect(200))).Distinct(StringComparer.Ordinal));
        Assert.Equal(2, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.refresh_token WHERE session_id = $1", session));
        var access = IdentityGateway.Access((await RefreshAsync(second)).Expect(200));
        (await gateway.SendAsync("GET", "auth/me", bearer: access)).Expect(200);

        // Its successor has been used: within the grace or not, two parties hold tokens of the family.
        Assert.Equal("INVALID_TOKEN", (await RefreshAsync(first)).Expect(401).Code);
        (await gateway.SendAsync("GET", "auth/me", bearer: access)).Expect(401);
        Assert.Equal(1, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.revocation WHERE session_id = $1", session));
    }

    [Fact]
    public async Task Refresh_WithASpentTokenAfterTheGrace_EndsTheFamily()
    {
        var signedIn = (await gateway.LoginAsync(IdentityGateway.AdminEmail, IdentityGateway.AdminPassword)).Expect(200);
        var first = IdentityGateway.Refresh(signedIn);
        var second = IdentityGateway.Refresh((await RefreshAsync(first)).Expect(200));
        await gateway.SqlAsync("UPDATE identity.refresh_token SET spent_at = spent_at - interval '11 seconds' WHERE session_id = $1 AND spent_at IS NOT NULL",
            signedIn.Data.GetProperty("session_id").GetGuid());
        (await RefreshAsync(first)).Expect(401);
        (await RefreshAsync(second)).Expect(401);
    }

    [Fact]
    public async Task Refresh_OfAnExpiredOrUnknownToken_IsRefused()
    {
        var signedIn = (await gateway.LoginAsync(IdentityGateway.AdminEmail, IdentityGateway.AdminPassword)).Expect(200);
        await gateway.SqlAsync("UPDATE identity.session SET expires_at = now() - interval '1 second' WHERE id = $1", signedIn.Data.GetProperty("session_id").GetGuid());
        Assert.Equal("TOKEN_EXPIRED", (await RefreshAsync(IdentityGateway.Refresh(signedIn))).Expect(401).Code);
        Assert.Equal("INVALID_TOKEN", (await RefreshAsync("jrt_nobody-has-this")).Expect(401).Code);
    }

    [Fact]
    public async Task Refresh_WithATokenThatWasSpentHoursAgo_EndsTheFamily_ThoughItIsKeptNoMore()
    {
        var (email, password, _) = await gateway.MakeAccountAsync();
        var signedIn = (await gateway.LoginAsync(email, password)).Expect(200);
        var (session, first) = (signedIn.Data.GetProperty("session_id").GetGuid(), IdentityGateway.Refresh(signedIn));
        var next = (await RefreshAsync(first)).Expect(200);
        await gateway.SqlAsync("UPDATE identity.refresh_token SET spent_at = spent_at - interval '7 hours' WHERE session_id = $1 AND spent_at IS NOT NULL", session);
        await gateway.RestartAsync();
        await Eventually.GetAsync("the spent token is gone", TimeSpan.FromSeconds(30), async () =>
            await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.refresh_token WHERE session_id = $1", session) == 1 ? "gone"
                : null);
        Assert.Equal("INVALID_TOKEN", (await RefreshAsync(first)).Expect(401).Code);
        (await RefreshAsync(IdentityGateway.Refresh(next))).Expect(401);
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(next))).Expect(401);
        Assert.Equal("refresh token reused", await gateway.ScalarAsync<string>(
            "SELECT revoked_reason FROM identity.session WHERE id = $1", session));
    }

    [Fact]
    public async Task Tokens_ThatAreIssuedWhileTheRoleChanges_HaveTheNewOne()
    {
        const string Demoted = "UPDATE identity.account SET role = 'viewer' WHERE id = $1";
        var (email, password, id) = await gateway.MakeAccountAsync("admin");
        var before = await gateway.DuringAsync(id, Demoted, () => gateway.LoginAsync(email, password));
        Assert.Equal("viewer", before.Expect(200).Data.GetProperty("user").GetProperty("role").GetString());
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(before))).Expect(200);

        await gateway.SqlAsync("UPDATE identity.account SET role = 'admin' WHERE id = $1", id);
        var refreshed = await gateway.DuringAsync(id, Demoted, () => RefreshAsync(IdentityGateway.Refresh(before)));
        Assert.Equal("viewer", refreshed.Expect(200).Data.GetProperty("user").GetProperty("role").GetString());
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(refreshed))).Expect(200);
    }

    [Fact]
    public async Task Logout_Everywhere_RevokesTheApiKeys_WhenAsked()
    {
        var (email, password, _) = await gateway.MakeAccountAsync();
        var access = IdentityGateway.Access((await gateway.LoginAsync(email, password)).Expect(200));
        var key = (await gateway.SendAsync("POST", "auth/api-keys", new { name = "kept" }, access)).Expect(201).Data.GetProperty(
            "key").GetString();
        (await gateway.SendAsync("POST", "auth/logout", new { revoke_api_keys = true }, access)).Expect(422);
        Assert.Equal(0, (await gateway.SendAsync("POST", "auth/logout", new { everywhere = true }, access)).Expect(200).Data.GetProperty(
            "api_keys_revoked").GetInt32());
        (await gateway.SendAsync("GET", "auth/me", bearer: key)).Expect(200);

        access = IdentityGateway.Access((await gateway.LoginAsync(email, password)).Expect(200));
        var answer = (await gateway.SendAsync("POST", "auth/logout", new { everywhere = true, revoke_api_keys = true }, access)).Expect(
            200).Data;
        Assert.Equal((1, 1), (answer.GetProperty("sessions_ended").GetInt32(), answer.GetProperty("api_keys_revoked").GetInt32()));
        (await gateway.SendAsync("GET", "auth/me", bearer: key)).Expect(401);
    }

    [Fact]
    public async Task Logout_EndsTheSession_AlsoWithTheRefreshTokenAlone()
    {
        var signedIn = (await gateway.LoginAsync(IdentityGateway.AdminEmail, IdentityGateway.AdminPassword)).Expect(200);
        Assert.Equal(1, (await gateway.SendAsync("POST", "auth/logout", bearer: IdentityGateway.Access(signedIn))).Expect(200).Data.GetProperty("sessions_ended").GetInt32());
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(signedIn))).Expect(401);
        (await RefreshAsync(IdentityGateway.Refresh(signedIn))).Expect(401);

        var other = (await gateway.LoginAsync(IdentityGateway.AdminEmail, IdentityGateway.AdminPassword)).Expect(200);
        (await gateway.SendAsync("POST", "auth/logout", new { refresh_token = IdentityGateway.Refresh(other) })).Expect(200);
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(other))).Expect(401);
    }

    [Fact]
    public async Task Logout_Everywhere_EndsAllSessionsOfTheAccount()
    {
        var (email, password, _) = await gateway.MakeAccountAsync();
        var here = (await gateway.LoginAsync(email, password)).Expect(200);
        var there = (await gateway.LoginAsync(email, password)).Expect(200);
        (await gateway.SendAsync("POST", "auth/logout", new { everywhere = true }, IdentityGateway.Access(here))).Expect(200);
        (await RefreshAsync(IdentityGateway.Refresh(here))).Expect(401);
        (await RefreshAsync(IdentityGateway.Refresh(there))).Expect(401);
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(there))).Expect(401);
    }

    [Fact]
    public async Task Sessions_AreListed_AndEndedOneByOne()
    {
        var (email, password, _) = await gateway.MakeAccountAsync();
        var here = (await gateway.LoginAsync(email, password)).Expect(200);
        var there = (await gateway.LoginAsync(email, password)).Expect(200);
        var sessions = (await gateway.SendAsync("GET", "auth/sessions", bearer: IdentityGateway.Access(here))).Expect(200).Data.GetProperty("sessions").EnumerateArray().ToArray();
        Assert.Equal(3, sessions.Length);
        Assert.Equal(here.Data.GetProperty("session_id").GetGuid(), Assert.Single(sessions, session => session.GetProperty("current").GetBoolean()).GetProperty("id").GetGuid());
        var id = there.Data.GetProperty("session_id").GetGuid();
        (await gateway.SendAsync("DELETE", $"auth/sessions/{id}", bearer: IdentityGateway.Access(here))).Expect(200);
        (await gateway.SendAsync("DELETE", $"auth/sessions/{id}", bearer: IdentityGateway.Access(here))).Expect(404);
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(there))).Expect(401);
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(here))).Expect(200);
    }

    [Fact]
    public async Task Login_AfterFiveFailures_WaitsAndAnswersTheSame_AndNoLiveSessionEnds()
    {
        var (email, password, _) = await gateway.MakeAccountAsync();
        var live = (await gateway.LoginAsync(email, password)).Expect(200);
        Answer wrong = null!;
        for (var i = 0; i < 6; i++)
            wrong = (await gateway.LoginAsync(email, "not the password at all")).Expect(401);
        await gateway.SqlAsync("UPDATE identity.throttle SET blocked_until = now() + interval '1 hour' WHERE blocked_until > updated_at");
        var locked = (await gateway.LoginAsync(email, password)).Expect(401);
        Assert.Equal(Plain(wrong.Body), Plain(locked.Body));
        (await gateway.SendAsync("GET", "auth/me", bearer: IdentityGateway.Access(live))).Expect(200);
        (await RefreshAsync(IdentityGateway.Refresh(live))).Expect(200);

        await gateway.SqlAsync("UPDATE identity.throttle SET blocked_until = updated_at");
        (await gateway.LoginAsync(email, password)).Expect(200);
        Assert.Equal(0, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.throttle"));
    }

    [Fact]
    public async Task Login_WithManyParallelGuesses_LooksAtNoMoreThanTheAllowed()
    {
        var (email, password, _) = await gateway.MakeAccountAsync();
        (await gateway.LoginAsync(email, "not the password at all")).Expect(401);
        await gateway.SqlAsync("UPDATE identity.throttle SET failures = 14");
        var guesses = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => gateway.LoginAsync(email, $"guess number {i} of many")));
        Assert.All(guesses, guess => guess.Expect(401));
        Assert.Equal(15, await gateway.ScalarAsync<int>("SELECT failures FROM identity.throttle"));
        Assert.True(await gateway.ScalarAsync<bool>("SELECT blocked_until - updated_at = interval '15 minutes' FROM identity.throttle"));
        (await gateway.LoginAsync(email, password)).Expect(401);
        await gateway.SqlAsync("DELETE FROM identity.throttle");
    }

    private Task<Answer> RefreshAsync(string token) => gateway.SendAsync("POST", "auth/refresh", new { refresh_token = token });

    // What differs from answer to answer by itself.
    private static string Plain(JsonElement body) =>
        string.Join(' ', body.EnumerateObject().Where(member => member.Name is not "correlation_id").Select(member => member.ToString()));
}
