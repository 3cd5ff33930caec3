using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Replicas;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Tests.Replicas;

public sealed class AddressRulesTests
{
    private const string Key = "key-of-a-test";
    private static readonly InstanceIdentity Catalog = new("catalog", "0a1b2c3d", "1", DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData("http://127.0.0.1:5401")]
    [InlineData("https://localhost:5401")]
    [InlineData("http://[::1]:5401")]
    public void Loopback_OfThisMachine_IsBelieved(string address) => Assert.Equal(address, Rules().Check(Announcement.Of(Catalog, address, Key)));

    [Fact]
    public void Announcement_WithoutTheKey_IsNotBelieved()
    {
        Assert.Null(Rules().Check(Announcement.Of(Catalog, "http://127.0.0.1:5401", "a guess")));
        Assert.Null(Rules().Check(Announcement.Of(Catalog, "http://127.0.0.1:5401", "")));
        Assert.Null(Rules().Check(Announcement.Of(Catalog, "http://127.0.0.1:5401", Key) with { Proof = null }));
    }

    [Fact]
    public void Announcement_ThatWasChanged_IsNotBelieved()
    {
        var said = Announcement.Of(Catalog, "http://127.0.0.1:5401", Key);
        Assert.Null(Rules().Check(said with { Service = "gateway" }));
        Assert.Null(Rules().Check(said with { Instance = "ffffffff" }));
        Assert.Null(Rules().Check(said with { Address = "http://127.0.0.1:5402" }));
    }

    [Theory]
    [InlineData("http://evil.example:80")]
    [InlineData("http://10.1.2.3:80")]
    [InlineData("http://127.0.0.1.evil.example:80")]
    [InlineData("http://2130706433.evil.example:80")]
    [InlineData("http://127.0.0.1:5401@evil.example:80")]
    [InlineData("http://user@127.0.0.1:5401")]
    [InlineData("http://127.0.0.1:5401/path")]
    [InlineData("http://127.0.0.1:5401/?query")]
    [InlineData("http://127.0.0.1:5401/#fragment")]
    [InlineData("http://0.0.0.0:5401")]
    [InlineData("http://[::]:5401")]
    [InlineData("ftp://127.0.0.1:5401")]
    [InlineData("file:///etc/passwd")]
    [InlineData("127.0.0.1:5401")]
    [InlineData("")]
    public void Address_ThatNoConfigurationAllows_IsNotBelieved(string address) => Assert.Null(Rules().Check(Announcement.Of(Catalog, address, Key)));

    [Fact]
    public void Host_ThatServiceDiscoveryNamesForTheService_IsBelievedForThatServiceOnly()
    {
        var rules = Rules(settings: ("services:catalog:http:0", "http://catalog.internal:8080"));
        Assert.NotNull(rules.Check(Announcement.Of(Catalog, "http://catalog.internal:9090", Key)));
        Assert.Null(rules.Check(Announcement.Of(Catalog with { Service = "workflows" }, "http://catalog.internal:9090", Key)));
    }

    [Fact]
    public void Host_OrNetwork_ThatIsAllowed_IsBelieved()
    {
        var rules = Rules(new() { AllowedHosts = ["Node-7"], AllowedNetworks = ["10.1.0.0/16", "fd00::/8"] });
        Assert.NotNull(rules.Check(Announcement.Of(Catalog, "http://node-7:8080", Key)));
        Assert.NotNull(rules.Check(Announcement.Of(Catalog, "http://10.1.2.3:8080", Key)));
        Assert.NotNull(rules.Check(Announcement.Of(Catalog, "http://[fd00::7]:8080", Key)));
        Assert.Null(rules.Check(Announcement.Of(Catalog, "http://10.2.2.3:8080", Key)));
    }

    [Theory]
    [InlineData("http://10.0.0.7:8080", true)]
    [InlineData("http://10.0.0.7:8080/base", false)]
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("catalog", false)]
    public void Options_NameAnAddressThatIsNone(string address, bool good) =>
        Assert.Equal(good, !new RegistryOptions { Address = address }.Validate(new(address)).Any());

    [Fact]
    public void Options_NameANetworkThatIsNone() =>
        Assert.Contains("10.0.0.0/80", Assert.Single(new RegistryOptions { AllowedNetworks = ["10.0.0.0/80"] }.Validate(new("x"))).ErrorMessage, StringComparison.Ordinal);

    [Theory]
    [InlineData("http://localhost:5401", "http://127.0.0.1:5401")]
    [InlineData("https://localhost:5401", "https://localhost:5401")]
    [InlineData("https://localhost:1;http://10.0.0.7:2;http://[::1]:3", "http://[::1]:3")]
    [InlineData("http://[::]:8080;http://*:80;http://+:81;http://0.0.0.0:82;http://unix:/tmp/socket", null)]
    [InlineData("http://[::]:8080;http://192.168.1.5:8081", "http://192.168.1.5:8081")]
    [InlineData("nonsense", null)]
    public void Listening_IsToldAsOneAddressThatOthersReach(string listening, string? told) => Assert.Equal(told, ProcessAddress.Choose(listening.Split(';')));

    private static AddressRules Rules(RegistryOptions? options = null, params (string Key, string Value)[] settings) => new(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value)).Build(),
        Options.Create(options ?? new()), Options.Create(new SecurityOptions { ServiceKey = Key }), NullLogger<AddressRules>.Instance);
}
