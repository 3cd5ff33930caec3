using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Which e-mails go out when: nobody is flooded, and none holds up another.</summary>
[Collection(StackCollection.Name)]
public sealed class IdentityMailTests(JarvisStack jarvis) : IAsyncLifetime
{
    private IdentityGateway _gateway = null!;

    public async Task InitializeAsync() =>
        _gateway = await IdentityGateway.StartAsync(jarvis, setUp: true, ("Mail__RecipientSeconds", "3600"), ("Mail__Attempts", "2"));

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Recipient_GetsOneEmailAtATime_OfWhateverKind()
    {
        const string Email = IdentityGateway.AdminEmail;
        (await _gateway.SendAsync("POST", "auth/register", new { email = Email, password = "gravel lantern nineteen owls" })).Expect(202);
        await Eventually.GetAsync("the first e-mail", TimeSpan.FromSeconds(20), () =>
            Task.FromResult(_gateway.Mail.Count(Email) == 1 ? "sent" : null));
        for (var i = 0; i < 5; i++)
        {
            (await _gateway.SendAsync("POST", "auth/register",
                new { email = Email.ToUpperInvariant(), password = "gravel lantern nineteen owls" })).Expect(202);
            (await _gateway.SendAsync("POST", "auth/password/forgot", new { email = Email })).Expect(202);
        }
        // One of each kind waits for its turn, and that is no attempt.
        await Eventually.GetAsync("two e-mails that wait", TimeSpan.FromSeconds(20), async () =>
            await _gateway.ScalarAsync<long>(
                "SELECT count(*) FROM identity.outbox WHERE attempts = 0 AND next_attempt_at > now() + interval '50 minutes'") == 2
                ? "wait" : null);
        Assert.Equal(2, await _gateway.ScalarAsync<long>("SELECT count(*) FROM identity.outbox"));
        Assert.Equal(1, _gateway.Mail.Count(Email));

        await _gateway.SqlAsync("UPDATE identity.mail_recipient SET sent_at = sent_at - interval '1 hour'");
        await _gateway.SqlAsync("UPDATE identity.outbox SET next_attempt_at = now() WHERE kind = 'password_reset'");
        await _gateway.Mail.TokenAsync(Email, "reset-password");
        // Nobody else waits for that.
        var (other, _, _) = await _gateway.MakeAccountAsync();
        await Eventually.GetAsync("another one's e-mail", TimeSpan.FromSeconds(20), () =>
            Task.FromResult(_gateway.Mail.Count(other) == 1 ? "sent" : null));
    }

    [Fact]
    public async Task Email_ThatCannotBeMade_RunsOutOfAttempts_AndHoldsUpNoOther()
    {
        // To nobody at all: what that throws is on no list.
        await _gateway.SqlAsync(
            """
            INSERT INTO identity.outbox (id, kind, email, subject_id, created_at, next_attempt_at)
            VALUES (gen_random_uuid(), 'invitation', '', gen_random_uuid(), now(), now() - interval '1 hour')
            """);
        var (email, _, _) = await _gateway.MakeAccountAsync();
        await Eventually.GetAsync("the e-mail behind it", TimeSpan.FromSeconds(20), () =>
            Task.FromResult(_gateway.Mail.Count(email) == 1 ? "sent" : null));
        await Eventually.GetAsync("none is left", TimeSpan.FromSeconds(30), async () =>
            await _gateway.ScalarAsync<long>("SELECT count(*) FROM identity.outbox") == 0 ? "none" : null);
        Assert.Contains("was given up after 2 attempts", _gateway.Output, StringComparison.Ordinal);
    }
}
