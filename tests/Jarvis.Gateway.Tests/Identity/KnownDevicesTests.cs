using Jarvis.Gateway.Identity;
using Jarvis.Gateway.Identity.Sessions;
using Jarvis.Gateway.Tests.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Tests.Identity;

/// <summary>In which browsers an account is known, by a cookie that only Jarvis can make.</summary>
public sealed class KnownDevicesTests
{
    private readonly Clock _clock = new();
    private readonly ServerSecret _secret = new(Options.Create(new AuthOptions { Secret = Convert.ToBase64String(new byte[32]) }),
        NullLogger<ServerSecret>.Instance);

    [Fact]
    public void Browser_IsKnown_ForItsAccountAlone_AndForAMonth()
    {
        var devices = Devices();
        var cookie = Remember(devices, "Ada@example.com");
        var device = devices.Of(Request(cookie), "ada@example.com");
        Assert.NotNull(device);
        Assert.Null(devices.Of(Request(cookie), "bob@example.com"));
        Assert.Null(devices.Of(Request(null), "ada@example.com"));
        _clock.Advance(TimeSpan.FromDays(29));
        Assert.Equal(device, devices.Of(Request(cookie), "ada@example.com"));
        var renewed = Remember(devices, "ada@example.com", cookie);
        _clock.Advance(TimeSpan.FromDays(2));
        Assert.Null(devices.Of(Request(cookie), "ada@example.com"));
        Assert.Equal(device, devices.Of(Request(renewed), "ada@example.com"));
    }

    [Fact]
    public void Cookie_ThatWasMadeUpOrChanged_IsNobodys()
    {
        var devices = Devices();
        var cookie = Remember(devices, "ada@example.com");
        for (var at = 0; at < cookie.Length; at++)
            Assert.Null(devices.Of(Request($"{cookie[..at]}{(cookie[at] == '1' ? '2' : '1')}{cookie[(at + 1)..]}"), "ada@example.com"));
        Assert.All(["", ".", "..", "1.2.3", new string('1', 4_000)], made => Assert.Null(devices.Of(Request(made), "ada@example.com")));
    }

    [Fact]
    public void NoDays_IsOff()
    {
        var cookie = Remember(Devices(), "ada@example.com");
        var off = Devices(days: 0);
        Assert.Null(off.Of(Request(cookie), "ada@example.com"));
        var context = new DefaultHttpContext();
        off.Remember(context, "ada@example.com");
        Assert.Equal(0, context.Response.Headers.SetCookie.Count);
    }

    private KnownDevices Devices(int days = 30) => new(_secret, Options.Create(new LockoutOptions { FamiliarDays = days }), _clock);

    private static string Remember(KnownDevices devices, string email, string? cookie = null)
    {
        var request = Request(cookie);
        devices.Remember(request.HttpContext, email);
        var set = Assert.Single(request.HttpContext.Response.Headers.SetCookie);
        Assert.Matches("; path=/; secure; samesite=lax; httponly$", set);
        return set!.Split(';')[0][(KnownDevices.Cookie.Length + 1)..];
    }

    private static HttpRequest Request(string? cookie)
    {
        var context = new DefaultHttpContext();
        if (cookie is not null)
            context.Request.Headers.Cookie = $"{KnownDevices.Cookie}={cookie}";
        return context.Request;
    }
}
