using System.Diagnostics.Metrics;
using System.Net;
using Jarvis.Gateway.Limits;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Tests.Limits;

public sealed class LimiterTests : IDisposable
{
    private static readonly LimitKey Ada = LimitKey.From(Guid.CreateVersion7(DateTimeOffset.UnixEpoch));
    private static readonly LimitKey Bob = LimitKey.From(IPAddress.Parse("192.0.2.7"));

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualTime _time = new();

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData("Read", 100)]
    [InlineData("Execute", 7)]
    public async Task Alone_AMinutesTokens_PassAndNotOneMore(string of, int limit)
    {
        var limiter = Limiter(null);
        var policy = Policy(limiter, of);
        Assert.Equal(limit, await PassAsync(limiter, policy, Ada, limit * 3));
        Assert.Equal(limit, await PassAsync(limiter, policy, Bob, limit * 3));
        var refused = await limiter.TakeAsync(policy, Ada);
        Assert.Equal(Outcome.Refused, refused.Outcome);
        _time.Advance(refused.Wait);
        Assert.Equal(1, await PassAsync(limiter, policy, Ada, 5));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(limit, await PassAsync(limiter, policy, Ada, limit * 3));
    }

    [Fact]
    public async Task Remaining_OfEachAnswer_CountsDown()
    {
        var limiter = Limiter(null);
        var policy = Policy(limiter, "Auth");
        for (var left = 3; left >= 0; left--)
        {
            var decision = await limiter.TakeAsync(policy, Ada);
            Assert.Equal($"\"auth\";r={left};t={(4 - left) * 15}", decision.Quota.Remaining(decision.Remaining).ToString());
        }
        Assert.Equal("\"auth\";q=4;w=60", policy.Whole.Policy.ToString());
    }

    [Theory]
    [InlineData("Read", 100)]
    [InlineData("Write", 40)]
    [InlineData("Execute", 7)]
    public async Task ThreeReplicas_AtOnce_NeverPassMoreThanTheLimit(string of, int limit)
    {
        var remote = new FakeRemote(_time);
        Limiter[] replicas = [Limiter(remote), Limiter(remote), Limiter(remote)];
        var passed = 0;
        for (var second = 0; second <= 60; second++)
        {
            var counts = await Task.WhenAll(Enumerable.Range(0, 30).Select(client => Task.Run(() =>
                PassAsync(replicas[client % 3], Policy(replicas[client % 3], of), Ada, 20))));
            passed += counts.Sum();
            Assert.InRange(passed, 0, limit + (limit * second / 60));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        // Nor much less, though some of what a replica took may end unused.
        Assert.InRange(passed, limit, 2 * limit);
    }

    [Fact]
    public async Task HotReads_OfOneCaller_AskRedisSeldom()
    {
        var remote = new FakeRemote(_time);
        var limiter = Limiter(remote, read: 6_000);
        var policy = Policy(limiter, "Read");
        for (var i = 0; i < 5_000; i++)
        {
            Assert.Equal(Outcome.Allowed, (await limiter.TakeAsync(policy, Ada)).Outcome);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.InRange(remote.Asked, 1, 500);
        Assert.InRange(remote.Leases.Max(), 50, 300);
    }

    [Fact]
    public async Task WhatALeaseLeft_GoesBack()
    {
        var remote = new FakeRemote(_time);
        var limiter = Limiter(remote, read: 6_000);
        var policy = Policy(limiter, "Read");
        await PassAsync(limiter, policy, Ada, 1_000);
        _time.Advance(TimeSpan.FromSeconds(30));
        Decision last = default;
        for (var i = 0; i < 12; i++)
        {
            last = await limiter.TakeAsync(policy, Ada);
            _time.Advance(TimeSpan.FromSeconds(3));
        }
        Assert.InRange(last.Remaining, 5_990, 6_000);
    }

    [Fact]
    public async Task RedisGone_ExactClasses_AreRefused_AndTheOthersHaveAShare()
    {
        var remote = new FakeRemote(_time) { IsUp = false };
        var limiter = Limiter(remote);
        foreach (var of in (string[])["Execute", "Auth"])
            Assert.Equal(Outcome.Unavailable, (await limiter.TakeAsync(Policy(limiter, of), Ada)).Outcome);
        Assert.Equal(25, await PassAsync(limiter, Policy(limiter, "Read"), Ada, 200));
        Assert.Equal(10, await PassAsync(limiter, Policy(limiter, "Write"), Ada, 200));
        remote.IsUp = true;
        Assert.Equal(Outcome.Allowed, (await limiter.TakeAsync(Policy(limiter, "Auth"), Ada)).Outcome);
        // What was spent meanwhile is paid for.
        Assert.Equal(75, await PassAsync(limiter, Policy(limiter, "Read"), Ada, 200));
    }

    [Fact]
    public async Task RedisGoneAndBack_InOneMinute_GivesNobodyASecondBucket()
    {
        var remote = new FakeRemote(_time);
        Limiter[] replicas = [Limiter(remote, 6_000), Limiter(remote, 6_000), Limiter(remote, 6_000)];
        var passed = 0;
        for (var second = 0; second <= 30; second++)
        {
            remote.IsUp = second % 5 != 3;
            foreach (var replica in replicas)
                passed += await PassAsync(replica, Policy(replica, "Read"), Ada, 900);
            Assert.InRange(passed, 0, 6_000 + (100 * second));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void Callers_BeyondTheBound_AreForgotten_AndTheActiveOneIsNot()
    {
        var table = new CallerTable(1_000);
        var ada = table.GetOrAdd(Ada, new CallerBucket("ada"));
        for (uint i = 0; i < 20_000; i++)
        {
            table.GetOrAdd(LimitKey.From(new IPAddress(i)), new CallerBucket("x"));
            if (i % 100 == 0)
                Assert.True(table.TryGet(Ada, out var kept) && ReferenceEquals(kept, ada));
        }
        Assert.InRange(Enumerable.Range(0, 20_000).Count(i => table.TryGet(LimitKey.From(new IPAddress(i)), out _)), 1, 1_000);
    }

    private static LimitPolicy Policy(Limiter limiter, string of) => limiter.PolicyOf(Enum.Parse<LimitClass>(of))!;

    private static async Task<int> PassAsync(Limiter limiter, LimitPolicy policy, LimitKey key, int times)
    {
        var passed = 0;
        for (var i = 0; i < times; i++)
        {
            if ((await limiter.TakeAsync(policy, key)).Outcome == Outcome.Allowed)
                passed++;
        }
        return passed;
    }

    private Limiter Limiter(IRemoteBuckets? remote, int read = 100) => new(
        Options.Create(new LimitsOptions { Read = read, Write = 40, Execute = 7, Auth = 4 }), remote, _time, _services.GetRequiredService<IMeterFactory>());
}
