using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Whom failed attempts make wait, and whom not. The test is the trusted proxy that says from where each attempt comes.</summary>
[Collection(StackCollection.Name)]
public sealed class IdentityThrottleTests(JarvisStack jarvis) : IAsyncLifetime
{
    private const string Office = "203.0.113.9";
    private const string Elsewhere = "198.51.100.7";
    private const int Allowed = 4;

    private IdentityGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await IdentityGateway.StartAsync(
        jarvis, setUp: true, ("Gateway__TrustedProxies__0", "127.0.0.1"), ("Auth__Lockout__AddressFailures", "4"), ("Auth__Lockout__AccountFailures", "3"));

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Success_NeverMakesAnybodyWait()
    {
        var (owner, neighbor) = (await _gateway.MakeAccountAsync(), await _gateway.MakeAccountAsync());
        await FailAsync(Office, Allowed - 1);
        for (var i = 0; i < 5; i++)
            (await LoginAsync(owner, Office)).Expect(200);
        Assert.Equal(Allowed - 1, await _gateway.ScalarAsync<int>("SELECT max(failures) FROM identity.throttle"));
        Assert.False(await _gateway.ScalarAsync<bool>("SELECT bool_or(blocked_until > updated_at) FROM identity.throttle"));
        (await LoginAsync(neighbor, Office)).Expect(200);
    }

    [Fact]
    public async Task Failures_OfAnAddress_KeepOutWhoIsNewThere_AndNobodyWhoSignedInThereLately()
    {
        var (known, stranger) = (await _gateway.MakeAccountAsync(), await _gateway.MakeAccountAsync());
        (await LoginAsync(known, Office)).Expect(200);
        await FailAsync(Office, Allowed);
        await HoldAsync();
        (await LoginAsync(stranger, Office)).Expect(401);
        (await LoginAsync(known, Office)).Expect(200);
        (await LoginAsync(stranger, Elsewhere)).Expect(200);
        // It was refused for its address, which is nothing that its account did.
        Assert.Equal(1, await _gateway.ScalarAsync<long>("SELECT count(*) FROM identity.throttle WHERE blocked_until > updated_at"));
    }

    [Fact]
    public async Task Guesses_FromElsewhere_DoNotKeepTheOwnerOut_WhereItSignedInLately()
    {
        var owner = await _gateway.MakeAccountAsync();
        (await LoginAsync(owner, Office)).Expect(200);
        for (var i = 0; i < 3; i++)
            (await LoginAsync(owner, Elsewhere, "not the password at all")).Expect(401);
        await HoldAsync();
        (await LoginAsync(owner, Elsewhere)).Expect(401);
        (await LoginAsync(owner, Office)).Expect(200);
        // Its success there says nothing of who guesses elsewhere.
        (await LoginAsync(owner, Elsewhere)).Expect(401);
    }

    [Fact]
    public async Task Guesses_WhereTheOwnerSignedInLately_WaitToo()
    {
        var owner = await _gateway.MakeAccountAsync();
        (await LoginAsync(owner, Office)).Expect(200);
        for (var i = 0; i < 3; i++)
            (await LoginAsync(owner, Office, "not the password at all")).Expect(401);
        await HoldAsync();
        (await LoginAsync(owner, Office)).Expect(401);
        await _gateway.SqlAsync("UPDATE identity.familiar_network SET seen_at = seen_at - interval '31 days'");
        (await LoginAsync(owner, Office)).Expect(200);
    }

    [Fact]
    public async Task Failures_OnTheLoopback_CountAgainstTheirAccountsOnly()
    {
        var account = await _gateway.MakeAccountAsync();
        await FailAsync(null, 3 * Allowed);
        await HoldAsync();
        (await LoginAsync(account, null)).Expect(200);
        Assert.Equal(3 * Allowed, await _gateway.ScalarAsync<long>("SELECT count(*) FROM identity.throttle"));
    }

    [Fact]
    public async Task Guesses_OnTheLoopback_DoNotKeepTheOwnerOut_InABrowserWhereItSignedInLately()
    {
        var owner = await _gateway.MakeAccountAsync();
        var signedIn = (await _gateway.LoginAsync(owner.Email, owner.Password, "cookie")).Expect(200);
        var device = signedIn.Headers.GetValues("Set-Cookie").Single(cookie =>
            cookie.StartsWith("__Host-jarvis-device=", StringComparison.Ordinal)).Split(';')[0];
        for (var i = 0; i < 3; i++)
            (await LoginAsync(owner, null, "not the password at all")).Expect(401);
        await HoldAsync();
        (await LoginAsync(owner, null)).Expect(401);
        (await InBrowserAsync(owner.Password)).Expect(200);
        // There it has a count of its own, which ends in a wait, too.
        for (var i = 0; i < 3; i++)
            (await InBrowserAsync("not the password at all")).Expect(401);
        await HoldAsync();
        (await InBrowserAsync(owner.Password)).Expect(401);

        Task<Answer> InBrowserAsync(string password) =>
            _gateway.SendAsync("POST", "auth/login", new { email = owner.Email, password }, headers: ("Cookie", device));
    }

    [Fact]
    public async Task Reset_ForgetsTheAccountsFailures_AndNothingOfTheAddress()
    {
        var account = await _gateway.MakeAccountAsync();
        await FailAsync(Office, 2);
        for (var i = 0; i < 3; i++)
            (await LoginAsync(account, Elsewhere, "not the password at all")).Expect(401);
        await HoldAsync();
        (await _gateway.SendAsync("POST", "auth/password/forgot", new { email = account.Email })).Expect(202);
        var token = await _gateway.Mail.TokenAsync(account.Email, "reset-password");
        (await _gateway.SendAsync("POST", "auth/password/reset", new { token, password = "seven quiet harbour bells" }, headers: ("X-Forwarded-For", Office))).Expect(200);
        (await LoginAsync(account with { Password = "seven quiet harbour bells" }, Office)).Expect(200);
        Assert.Equal(1, await _gateway.ScalarAsync<long>("SELECT count(*) FROM identity.throttle WHERE failures = 2"));
    }

    private async Task FailAsync(string? from, int times)
    {
        for (var i = 0; i < times; i++)
            (await LoginAsync(($"nobody-{i}@example.com", "", default), from, "not the password at all")).Expect(401);
    }

    /// <summary>Whoever has to wait now waits until the test is over.</summary>
    private Task<int> HoldAsync() => _gateway.SqlAsync("UPDATE identity.throttle SET blocked_until = now() + interval '1 hour' WHERE blocked_until > updated_at");

    private Task<Answer> LoginAsync((string Email, string Password, Guid Id) account, string? from, string? password = null) =>
        _gateway.SendAsync("POST", "auth/login", new { email = account.Email, password = password ?? account.Password }, headers: from is null ? [] : [("X-Forwarded-For", from)]);
}
