using System.Net;
using Jarvis.Gateway.Limits;

namespace Jarvis.Gateway.Tests.Limits;

public sealed class LimitKeyTests
{
    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("0.0.0.1", "::1", false)]
    public void Addresses_OfOneCustomer_CountTogether(string one, string other, bool same) =>
        Assert.Equal(same, LimitKey.From(IPAddress.Parse(one)) == LimitKey.From(IPAddress.Parse(other)));

    [Fact]
    public void RedisKey_TellsClassAndKindApart()
    {
        var account = new Guid("00000000-0000-0000-0000-0000c0000201");
        Assert.Equal("jarvis:limit:read:a000000000000000000000000c0000201", LimitKey.From(account).RedisKey("read"));
        Assert.Equal("jarvis:limit:auth:4000000000000000000000000c0000201", LimitKey.From(IPAddress.Parse("192.0.2.1")).RedisKey("auth"));
    }
}
