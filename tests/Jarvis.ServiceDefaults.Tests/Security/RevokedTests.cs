using System.Security.Claims;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Tests.Security;

/// <summary>What has ended is not forgotten while a token of it may live, however much else ends.</summary>
public sealed class RevokedTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly VerifiedCallers _callers = new(Options.Create(new SecurityOptions()), TimeProvider.System);
    private readonly Revoked _revoked;

    public RevokedTests() => _revoked = new(_callers, TimeProvider.System);

    [Fact]
    public void Flood_ForgetsNothing()
    {
        var (session, now) = (Id(1), TimeProvider.System.GetUtcNow());
        _revoked.Add(new RevokedMessage(null, session, now));
        Flood(now.AddSeconds(1));
        Assert.True(_revoked.Holds(session, Id(2), now.AddMinutes(-1)));
        Assert.True(_revoked.Holds(session, Id(2), now));
        // Whoever got a token since is still in.
        Assert.False(_revoked.Holds(Id(3), Id(4), now.AddMinutes(1_000)));
    }

    [Fact]
    public void Flood_DropsCallersThatAreNoMoreTold()
    {
        var now = TimeProvider.System.GetUtcNow();
        var (credential, caller) = (SecretHash.Of("a token"), new Caller(CallerKind.User, Id(1), Id(2), Role.Viewer, [], now.AddMinutes(-5), now.AddMinutes(10)));
        _callers.Keep(credential, new(caller, new ClaimsPrincipal(), now.AddMinutes(10)), _callers.Generation);
        Flood(now);
        Assert.False(_callers.TryGet(credential, out _));
        Assert.True(_revoked.Holds(Id(2), Id(1), caller.IssuedAt));
    }

    [Fact]
    public void WhatIsOlderThanAnyToken_MakesRoomFirst()
    {
        Flood(Start);
        Flood(TimeProvider.System.GetUtcNow(), 10);
        Assert.False(_revoked.Holds(Id(1), Id(2), TimeProvider.System.GetUtcNow().AddMinutes(-1)));
    }

    [Fact]
    public void Many_HoldBeforeTheFirstIsTold()
    {
        var now = TimeProvider.System.GetUtcNow();
        List<bool> last = [];
        using var told = _revoked.Subscribe(_ => last.Add(_revoked.Holds(Id(3), Id(9), now)));
        _revoked.AddAll([new(null, Id(1), now), new(Id(2), null, now), new(null, Id(3), now)]);
        Assert.Equal([true, true, true], last);
    }

    private void Flood(DateTimeOffset at, int count = Revoked.MaxKept) =>
        _revoked.AddAll([.. Enumerable.Range(1_000, count).Select(i => new RevokedMessage(null, Id(i), at.AddTicks(i)))]);

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);
}
