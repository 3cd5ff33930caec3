using System.Diagnostics;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;
using Xunit.Abstractions;

namespace Jarvis.FunctionalTests;

/// <summary>Known, unknown, locked and disabled accounts cannot be told from each other, neither by the answer nor by its time.</summary>
[Collection(StackCollection.Name)]
public sealed class IdentityTimingTests(IdentityGateway gateway, ITestOutputHelper output) : IClassFixture<IdentityGateway>
{
    private const int Rounds = 15;
    private const int Attempts = 4;

    // Far above what is measured when the machine is quiet; a missing hash would be a factor of ten and more.
    private const double Bound = 0.25;

    [Fact]
    public async Task Login_OfAnyKindOfAccount_AnswersAlike()
    {
        var known = await gateway.MakeAccountAsync();
        var locked = await gateway.MakeAccountAsync();
        var disabled = await gateway.MakeAccountAsync();
        (await gateway.SendAsync("PATCH", $"users/{disabled.Id}", new { disabled = true }, await gateway.AdminAsync())).Expect(200);
        for (var i = 0; i < 6; i++)
            await gateway.LoginAsync(locked.Email, "not the password at all");
        await gateway.SqlAsync("UPDATE identity.throttle SET blocked_until = now() + interval '1 hour' WHERE blocked_until > updated_at");
        await AlikeAsync(
            ("known", () => gateway.LoginAsync(known.Email, "not the password at all")),
            ("unknown", () => gateway.LoginAsync("nobody@example.com", "not the password at all")),
            ("locked, right password", () => gateway.LoginAsync(locked.Email, locked.Password)),
            ("disabled, right password", () => gateway.LoginAsync(disabled.Email, disabled.Password)));
    }

    [Fact]
    public async Task Forgot_OfAnyKindOfAccount_AnswersAlike()
    {
        var known = await gateway.MakeAccountAsync();
        await AlikeAsync(
            ("known", () => gateway.SendAsync("POST", "auth/password/forgot", new { email = known.Email })),
            ("unknown", () => gateway.SendAsync("POST", "auth/password/forgot", new { email = "nobody@example.com" })));
    }

    [Fact]
    public async Task Register_OfAnyAddress_AnswersAlike()
    {
        var known = await gateway.MakeAccountAsync();
        var next = 0;
        await AlikeAsync(
            ("known", () => gateway.SendAsync("POST", "auth/register", new { email = known.Email, password = "seven quiet harbour bells" })),
            ("unknown", () => gateway.SendAsync("POST", "auth/register", new { email = $"new-{next++}@example.com", password = "seven quiet harbour bells" })));
    }

    // What else the machine does comes and goes; a difference that is there stays.
    private async Task AlikeAsync(params (string Name, Func<Task<Answer>> Send)[] kinds)
    {
        var spread = double.MaxValue;
        for (var attempt = 0; attempt < Attempts && spread > Bound; attempt++)
            spread = await MeasureAsync(kinds);
        Assert.True(spread <= Bound, $"The medians differ by {spread:P0}.");
    }

    private async Task<double> MeasureAsync((string Name, Func<Task<Answer>> Send)[] kinds)
    {
        var times = kinds.ToDictionary(kind => kind.Name, _ => new List<double>(), StringComparer.Ordinal);
        var answers = new HashSet<string>(StringComparer.Ordinal);
        // In turns and in changing order, so that what else happens falls on all alike; the first rounds warm up.
        for (var round = -2; round < Rounds; round++)
        {
            foreach (var (name, send) in kinds.Select((_, i) => kinds[(i + round + kinds.Length) % kinds.Length]))
            {
                var started = Stopwatch.GetTimestamp();
                var answer = await send();
                if (round >= 0)
                    times[name].Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                answers.Add($"{answer.Status} {Plain(answer.Body)} {string.Join(' ', answer.Headers.Select(header => header.Key).Order(StringComparer.Ordinal))}");
            }
        }
        Assert.Single(answers);
        var medians = times.ToDictionary(kind => kind.Key, kind => kind.Value.Order().ElementAt(Rounds / 2), StringComparer.Ordinal);
        var spread = (medians.Values.Max() / medians.Values.Min()) - 1;
        output.WriteLine($"{string.Join(", ", medians.Select(median => $"{median.Key}: {median.Value:F1} ms"))}; spread {spread:P1}");
        return spread;
    }

    private static string Plain(JsonElement body) =>
        body.TryGetProperty("data", out var data) ? data.ToString() : string.Join(' ', body.EnumerateObject().Where(member => member.Name is not "correlation_id").Select(member => member.ToString()));
}
