using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Replicas;
using Jarvis.ServiceDefaults.Tests.Circuits;

namespace Jarvis.ServiceDefaults.Tests.Replicas;

public sealed class ServiceAddressesTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);
    private readonly Clock _clock = new();
    private readonly ServiceAddresses _addresses;

    public ServiceAddressesTests() => _addresses = new(_clock);

    [Fact]
    public void Service_ThatNobodyAnnounces_IsAskedAtItsConfiguredAddress()
    {
        See(Of("other", "a"));
        Assert.Null(_addresses.Of("catalog"));
    }

    [Fact]
    public void Processes_ThatAreAlive_AreAskedInAStableOrder()
    {
        See(Of("catalog", "b"), Of("catalog", "a"));
        Assert.Equal(["http://127.0.0.1:a", "http://127.0.0.1:b"], Asked());
    }

    [Fact]
    public void Process_ThatSaysGoodbye_IsOutAtOnce_AlsoForALookThatWasUnderWay()
    {
        See(Of("catalog", "a"), Of("catalog", "b"));
        var underWay = View(Of("catalog", "a"), Of("catalog", "b"));
        _addresses.Left("a");
        Assert.Equal(["http://127.0.0.1:b"], Asked());
        _addresses.Take(underWay);
        Assert.Equal(["http://127.0.0.1:b"], Asked());
        _addresses.Left("b");
        Assert.Equal([], Asked());
    }

    [Fact]
    public void Process_ThatRefuses_IsOutUntilItSaysThatItLives()
    {
        See(Of("catalog", "a"), Of("catalog", "b"));
        _addresses.Refused("http://127.0.0.1:a");
        Assert.Equal(["http://127.0.0.1:b"], Asked());

        // What it said a second before it refused proves nothing.
        _clock.Advance(Moment);
        See(Of("catalog", "a", age: 3), Of("catalog", "b"));
        Assert.Equal(["http://127.0.0.1:b"], Asked());

        _clock.Advance(Moment);
        See(Of("catalog", "a", age: 1), Of("catalog", "b"));
        Assert.Equal(["http://127.0.0.1:a", "http://127.0.0.1:b"], Asked());
    }

    [Fact]
    public void LastProcess_ThatRefuses_IsAskedWhileTheRegistryTakesItForAlive()
    {
        See(Of("catalog", "a"));
        _addresses.Refused("http://127.0.0.1:a");
        Assert.Equal(["http://127.0.0.1:a"], Asked());
        See();
        Assert.Equal([], Asked());
    }

    [Fact]
    public void Process_ThatTheRegistryForgot_IsAskedOnlyWhenThereIsNoOther_AndNotForEver()
    {
        See(Of("catalog", "a"), Of("catalog", "b"));
        See(Of("catalog", "b"));
        Assert.Equal(["http://127.0.0.1:b"], Asked());
        // As when Redis lost its memory.
        See();
        Assert.Equal(["http://127.0.0.1:a", "http://127.0.0.1:b"], Asked());
        _clock.Advance(InstanceRegistry.Life);
        See();
        Assert.Equal([], Asked());
        See(Of("catalog", "b"));
        Assert.Equal(["http://127.0.0.1:b"], Asked());
    }

    [Fact]
    public void WithoutRedis_TheLastKnownAreAsked_AndWhenAllOfThemRefuseTheConfiguredAddress()
    {
        See(Of("catalog", "a"), Of("catalog", "b"));
        _addresses.Take(null);
        _clock.Advance(TimeSpan.FromHours(1));
        _addresses.Take(null);
        Assert.Equal(["http://127.0.0.1:a", "http://127.0.0.1:b"], Asked());
        _addresses.Refused("http://127.0.0.1:a");
        Assert.Equal(["http://127.0.0.1:b"], Asked());
        _addresses.Refused("http://127.0.0.1:b");
        Assert.Null(_addresses.Of("catalog"));

        // Nobody can say that one lives again, so each is tried again after a while.
        _clock.Advance(InstanceRegistry.Life);
        _addresses.Take(null);
        Assert.Equal(2, Asked().Count());
    }

    [Fact]
    public void Outage_OfRedis_IsNotCountedAsAbsence()
    {
        See(Of("catalog", "a"));
        See();
        _clock.Advance(Moment);
        _addresses.Take(null);
        _clock.Advance(InstanceRegistry.Life);
        _addresses.Take(null);
        See();
        Assert.Equal(["http://127.0.0.1:a"], Asked());
    }

    [Fact]
    public void Service_ThatIsKnownToAnnounceAndHasNoProcess_IsDown()
    {
        _addresses.Take(new(_clock.GetTimestamp(), [], ["catalog"]));
        Assert.Equal([], Asked());
    }

    [Fact]
    public void Process_ThatTellsNoAddress_IsAskedAtTheConfiguredOne_WhenItsServiceHasNoOther()
    {
        See(Of("catalog", "a") with { Address = null });
        Assert.Null(_addresses.Of("catalog"));
        See(Of("catalog", "a") with { Address = null }, Of("catalog", "b"));
        Assert.Equal(["http://127.0.0.1:b"], Asked());
        See(Of("catalog", "a") with { Address = null });
        Assert.Null(_addresses.Of("catalog"));
    }

    [Fact]
    public void Process_ThatTookOverAnAddress_IsOneWithTheOneBefore()
    {
        var before = Of("catalog", "a");
        See(before, Of("catalog", "b") with { Address = before.Address, StartedAt = before.StartedAt.AddMinutes(1) });
        Assert.Equal("b", Assert.Single(_addresses.Of("catalog")!).Instance);
    }

    [Fact]
    public async Task Change_IsToldOnce_AndNoChangeIsNot()
    {
        See(Of("catalog", "a"));
        var token = _addresses.GetChangeToken();
        See(Of("catalog", "a"));
        Assert.Same(token, _addresses.GetChangeToken());

        var told = new TaskCompletionSource();
        token.RegisterChangeCallback(_ => told.SetResult(), null);
        See(Of("catalog", "b"));
        Assert.NotSame(token, _addresses.GetChangeToken());
        await told.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private IEnumerable<string> Asked() => _addresses.Of("catalog")!.Select(replica => replica.Address);

    private void See(params LiveProcess[] processes) => _addresses.Take(View(processes));

    private RegistryView View(params LiveProcess[] processes) => new(_clock.GetTimestamp(), processes, []);

    private static LiveProcess Of(string service, string instance, int age = 0) =>
        new(service, instance, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(age), $"http://127.0.0.1:{instance}");
}
