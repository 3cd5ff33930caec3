using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>The first account, and who may make further ones.</summary>
[Collection(StackCollection.Name)]
public sealed class IdentityRegistrationTests(JarvisStack jarvis)
{
    private const string Password = "gravel lantern nineteen owls";

    [Fact]
    public async Task Setup_InParallel_MakesOneAdmin_AndIsThenGone()
    {
        var gateway = await IdentityGateway.StartAsync(jarvis, setUp: false);
        try
        {
            Assert.True((await gateway.SendAsync("GET", "auth/setup")).Expect(200).Data.GetProperty("needed").GetBoolean());
            (await SetUpAsync(gateway, "wrong", "eve@example.com")).Expect(401);
            var fields = (await gateway.SendAsync("POST", "auth/setup", new { email = "x", password = "short" })).Expect(422).Body.GetProperty("errors");
            Assert.Equal(["email", "password", "token"], fields.EnumerateObject().Select(field => field.Name).Order());

            var tries = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => SetUpAsync(gateway, IdentityGateway.SetupToken, $"admin-{i}@example.com")));
            var made = Assert.Single(tries, answer => answer.Status == 200);
            Assert.All(tries.Except([made]), answer => Assert.Equal(404, answer.Status));
            Assert.Equal("admin", made.Data.GetProperty("user").GetProperty("role").GetString());
            (await gateway.SendAsync("GET", "users", bearer: IdentityGateway.Access(made))).Expect(200);
            (await SetUpAsync(gateway, IdentityGateway.SetupToken, "late@example.com")).Expect(404);
            Assert.False((await gateway.SendAsync("GET", "auth/setup")).Expect(200).Data.GetProperty("needed").GetBoolean());
        }
        finally
        {
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task GivenAdmin_IsMadeAtStart_Once()
    {
        var gateway = await IdentityGateway.StartAsync(jarvis, setUp: false, ("Auth__Admin__Email", "grace@example.com"), ("Auth__Admin__Password", Password));
        try
        {
            await Eventually.GetAsync("the given admin", TimeSpan.FromSeconds(20), async () =>
                (await gateway.SendAsync("GET", "auth/setup")).Data.GetProperty("needed").GetBoolean() ? null : "made");
            Assert.Equal("admin", (await gateway.LoginAsync("grace@example.com", Password)).Expect(200).Data.GetProperty("user").GetProperty("role").GetString());
            await gateway.RestartAsync(("Auth__Admin__Email", "other@example.com"));
            (await gateway.LoginAsync("other@example.com", Password)).Expect(401);
            Assert.Equal(1, await gateway.ScalarAsync<long>("SELECT count(*) FROM identity.account"));
        }
        finally
        {
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task Registration_ClosedOrByInvitation_KeepsOthersOut()
    {
        var gateway = await IdentityGateway.StartAsync(jarvis, setUp: true, ("Auth__Registration", "closed"));
        try
        {
            (await RegisterAsync(gateway, "one@example.com", null)).Expect(403);
            // Nobody could use one.
            var refused = (await gateway.SendAsync("POST", "auth/invitations", new { role = "viewer" }, await gateway.AdminAsync())).Expect(409);
            Assert.Contains("Auth:Registration", refused.Body.GetProperty("error").GetString(), StringComparison.Ordinal);
            await gateway.RestartAsync(("Auth__Registration", "invitation"));
            (await RegisterAsync(gateway, "one@example.com", null)).Expect(422);
            (await RegisterAsync(gateway, "one@example.com", "no-such-invitation")).Expect(422);

            var admin = await gateway.AdminAsync();
            var invited = (await gateway.SendAsync("POST", "auth/invitations", new { email = "one@example.com", role = "operator", expires_in_hours = 1 }, admin)).Expect(201).Data;
            var token = invited.GetProperty("token").GetString()!;
            Assert.Equal(token, await gateway.Mail.TokenAsync("one@example.com", "register"));
            Assert.Single((await gateway.SendAsync("GET", "auth/invitations", bearer: admin)).Expect(200).Data.GetProperty("invitations").EnumerateArray());
            (await RegisterAsync(gateway, "two@example.com", token)).Expect(422);
            (await RegisterAsync(gateway, "One@Example.com", token)).Expect(202);
            (await RegisterAsync(gateway, "one@example.com", token)).Expect(422);
            var signedIn = (await gateway.LoginAsync("one@example.com", Password)).Expect(200);
            Assert.Equal("operator", signedIn.Data.GetProperty("user").GetProperty("role").GetString());
            (await gateway.SendAsync("POST", "auth/invitations", new { }, IdentityGateway.Access(signedIn))).Expect(403);

            var other = (await gateway.SendAsync("POST", "auth/invitations", new { }, admin)).Expect(201).Data;
            (await gateway.SendAsync("DELETE", $"auth/invitations/{other.GetProperty("invitation").GetProperty("id")}", bearer: admin)).Expect(200);
            (await RegisterAsync(gateway, "three@example.com", other.GetProperty("token").GetString())).Expect(422);
        }
        finally
        {
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task Registration_Open_NeedsTheAddressConfirmed()
    {
        var gateway = await IdentityGateway.StartAsync(jarvis, setUp: true);
        try
        {
            var fresh = (await RegisterAsync(gateway, "new@example.com", null)).Expect(202);
            var known = (await RegisterAsync(gateway, IdentityGateway.AdminEmail, null)).Expect(202);
            Assert.Equal(fresh.Data.ToString(), known.Data.ToString());
            (await gateway.LoginAsync("new@example.com", Password)).Expect(401);
            (await gateway.LoginAsync(IdentityGateway.AdminEmail, Password)).Expect(401);

            // Somebody else may have registered with the address: the password that holds is chosen by who reads its e-mail.
            const string Chosen = "another kettle of lanterns";
            var token = await gateway.Mail.TokenAsync("new@example.com", "reset-password");
            (await gateway.SendAsync("POST", "auth/password/reset", new { token, password = Chosen })).Expect(200);
            (await gateway.SendAsync("POST", "auth/password/reset", new { token, password = Chosen })).Expect(401);
            (await gateway.LoginAsync("new@example.com", Password)).Expect(401);
            Assert.Equal("viewer", (await gateway.LoginAsync("new@example.com", Chosen)).Expect(200).Data.GetProperty("user").GetProperty("role").GetString());
            await gateway.AdminAsync();
        }
        finally
        {
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task Link_WithoutAServerOfEmail_GoesToTheLog_WithoutTheAddress()
    {
        var gateway = await IdentityGateway.StartAsync(jarvis, setUp: true, ("Mail__Smtp__Host", ""));
        try
        {
            (await gateway.SendAsync("POST", "auth/password/forgot", new { email = IdentityGateway.AdminEmail })).Expect(202);
            await Eventually.GetAsync("the link in the log", TimeSpan.FromSeconds(20), () =>
                Task.FromResult(gateway.Output.Contains("/reset-password#token=", StringComparison.Ordinal) ? "there" : null));
            Assert.DoesNotContain(IdentityGateway.AdminEmail, gateway.Output, StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            await gateway.DisposeAsync();
        }
    }

    private static Task<Answer> SetUpAsync(IdentityGateway gateway, string token, string email) => gateway.SendAsync("POST", "auth/setup", new { token, email, password = Password });

    private static Task<Answer> RegisterAsync(IdentityGateway gateway, string email, string? invitation) =>
        gateway.SendAsync("POST", "auth/register", new { email, password = Password, invitation });
}
