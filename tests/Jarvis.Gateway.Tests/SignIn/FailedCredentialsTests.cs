using System.Net;
using Jarvis.Gateway.SignIn;
using Jarvis.Gateway.Tests.Services;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Tests.SignIn;

public sealed class FailedCredentialsTests
{
    private readonly Clock _clock = new();
    private readonly FailedCredentials _failed;

    public FailedCredentialsTests() => _failed = new(Options.Create(new SigningOptions { FailedCredentialsPerMinute = 3 }), _clock);

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9", true)]
    [InlineData("203.0.113.9", "::ffff:203.0.113.9", true)]
    [InlineData("203.0.113.9", "203.0.113.10", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("127.0.0.1", "127.0.0.1", false)]
    [InlineData("127.0.0.9", "127.0.0.1", false)]
    [InlineData("::1", "::1", false)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1", false)]
    public void TooMany_HoldUpTheirNetwork_AndNeverTheLoopback(string from, string asked, bool waits)
    {
        for (var i = 0; i < 3; i++)
            _failed.Add(IPAddress.Parse(from));
        Assert.Equal(waits, _failed.Wait(IPAddress.Parse(asked)) is not null);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_failed.Wait(IPAddress.Parse(asked)));
    }

    [Fact]
    public void Nobody_WithoutAnAddress_Waits()
    {
        for (var i = 0; i < 3; i++)
            _failed.Add(null);
        Assert.Null(_failed.Wait(null));
    }

    [Fact]
    public void FullTable_StillCountsThoseItKnows_AndTheNetworksAroundTheOthers()
    {
        Assert.Null(_failed.Wait(At(0)));
        for (var i = 0; i < FailedCredentials.MaxNetworks; i++)
            _failed.Add(At(i));
        for (var i = 0; i < 3; i++)
        {
            _failed.Add(At(7));
            _failed.Add(IPAddress.Parse($"2001:db8:ffff:{i}::1"));
        }
        Assert.NotNull(_failed.Wait(At(7)));
        Assert.Null(_failed.Wait(At(8)));
        Assert.NotNull(_failed.Wait(IPAddress.Parse("2001:db8:ffff:99::1")));
        Assert.Null(_failed.Wait(IPAddress.Parse("2001:db8:fffe:1::1")));
    }

    private static IPAddress At(int number) => new([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
}
