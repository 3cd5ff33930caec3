using Jarvis.Gateway.Identity;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.Passwords;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Tests.Identity;

/// <summary>Every comparison does the same work, on threads of its own, and only so many wait.</summary>
public sealed class PasswordChecksTests
{
    private const string Password = "tram opposite violet kettle";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Check_WithAndWithoutAnAccount_IsOneComparisonOfTheSameCost(bool known)
    {
        var options = Options.Create(new AuthOptions());
        var real = Hasher(options.Value.PasswordIterations);
        var hash = known ? real.HashPassword(new Account(), "another password") : null;
        var hasher = new WatchedHasher(real);
        using var workers = new PasswordWorkers(options);
        var checks = new PasswordChecks(hasher, workers, options);
        using var place = checks.Enter();

        Assert.Equal(new PasswordCheck(IsRight: false, IsOutdated: false), await checks.CheckAsync(place, hash, Password, CancellationToken.None));
        var compared = Assert.Single(hasher.Compared);
        Assert.Equal(options.Value.PasswordIterations, PasswordChecks.IterationsOf(compared));
        Assert.Equal(Convert.FromBase64String(real.HashPassword(new Account(), Password)).Length, Convert.FromBase64String(compared).Length);
    }

    [Fact]
    public async Task Check_OfTheRightPassword_IsRight_AndToldWhenTheHashIsOutdated()
    {
        var options = Options.Create(new AuthOptions { PasswordIterations = 220_000 });
        using var workers = new PasswordWorkers(options);
        var checks = new PasswordChecks(Hasher(220_000), workers, options);
        using var place = checks.Enter();
        var current = await checks.HashAsync(place, Password, CancellationToken.None);
        var old = Hasher(210_000).HashPassword(new Account(), Password);

        Assert.Equal(new PasswordCheck(IsRight: true, IsOutdated: false), await checks.CheckAsync(place, current, Password, CancellationToken.None));
        Assert.Equal(new PasswordCheck(IsRight: true, IsOutdated: true), await checks.CheckAsync(place, old, Password, CancellationToken.None));
    }

    [Fact]
    public async Task Enter_WhenAllPlacesAreTaken_Is503WithRetryAfter_UntilOneIsLeft()
    {
        using var workers = new PasswordWorkers(Options.Create(new AuthOptions { PasswordConcurrency = 1, PasswordQueue = 1 }));
        using var gate = new ManualResetEventSlim();
        var first = workers.Enter();
        var running = first.RunAsync(() => gate.Wait(Soon), CancellationToken.None);
        using var second = workers.Enter();
        var waiting = second.RunAsync(() => Thread.CurrentThread.IsThreadPoolThread, CancellationToken.None);

        var refused = Assert.Throws<FailureException>(workers.Enter).Failure;
        Assert.Equal(503, refused.Status);
        Assert.NotNull(refused.RetryAfter);
        Assert.False(waiting.IsCompleted);
        gate.Set();
        Assert.True(await running.WaitAsync(Soon));
        Assert.False(await waiting.WaitAsync(Soon));
        first.Dispose();
        first.Dispose();
        using var third = workers.Enter();
        Assert.Throws<FailureException>(workers.Enter);
    }

    [Fact]
    public async Task Job_WhoseRequestHasGone_IsNotDone()
    {
        using var workers = new PasswordWorkers(Options.Create(new AuthOptions { PasswordConcurrency = 1 }));
        using var place = workers.Enter();
        var done = false;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => place.RunAsync(() => done = true, new CancellationToken(canceled: true)).WaitAsync(Soon));
        Assert.False(done);
    }

    private static PasswordHasher<Account> Hasher(int iterations) => new(Options.Create(new PasswordHasherOptions { IterationCount = iterations }));

    private sealed class WatchedHasher(PasswordHasher<Account> inner) : IPasswordHasher<Account>
    {
        public List<string> Compared { get; } = [];

        public string HashPassword(Account user, string password) => inner.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword)
        {
            Compared.Add(hashedPassword);
            return inner.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
