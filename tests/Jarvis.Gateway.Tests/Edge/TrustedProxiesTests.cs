namespace Jarvis.Gateway.Tests.Edge;

public sealed class TrustedProxiesTests
{
    [Theory]
    [InlineData("192.0.2.0/24")]
    [InlineData(null)]
    public async Task Forwarded_ByWhoIsNoProxy_IsNotBelieved(string? trusted)
    {
        await using var edge = await EdgeHost.StartAsync(["--Limits:Read=2", .. trusted is null ? (string[])[] : [$"--Gateway:TrustedProxies:0={trusted}"]]);
        // Somebody who is signed in is limited as that, wherever it comes from.
        edge.Client.DefaultRequestHeaders.Authorization = null;
        using var who = await edge.SendAsync("GET", "/edge/who", ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "jarvis.example"));
        Assert.Matches(@"^(::ffff:)?127\.0\.0\.1 http 127\.0\.0\.1:\d+$", await who.Content.ReadAsStringAsync());
        using var second = await edge.SendAsync("GET", "/edge/who", ("X-Forwarded-For", "203.0.113.10"));
        using var third = await edge.SendAsync("GET", "/edge/who", ("X-Forwarded-For", "203.0.113.11"));
        Assert.Equal([200, 429], [(int)second.StatusCode, (int)third.StatusCode]);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    public async Task Forwarded_ByAProxy_IsWhoTheClientIs(string trusted)
    {
        await using var edge = await EdgeHost.StartAsync("--Limits:Read=1", $"--Gateway:TrustedProxies:0={trusted}", "--Gateway:AllowedHosts:0=jarvis.example");
        // What the client itself said before stands left of what the proxy says.
        // Somebody who is signed in is limited as that, wherever it comes from.
        edge.Client.DefaultRequestHeaders.Authorization = null;
        using var who = await edge.SendAsync("GET", "/edge/who",
            ("X-Forwarded-For", "198.51.100.1, 203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "jarvis.example"));
        Assert.Equal("203.0.113.9 https jarvis.example", await who.Content.ReadAsStringAsync());
        using var again = await edge.SendAsync("GET", "/edge/who", ("X-Forwarded-For", "203.0.113.9"));
        Assert.Equal(429, (int)again.StatusCode);
        using var other = await edge.SendAsync("GET", "/edge/who", ("X-Forwarded-For", "203.0.113.10"));
        Assert.Equal(200, (int)other.StatusCode);
    }

    [Theory]
    [InlineData("--Gateway:TrustedProxies:0=proxy.local", "TrustedProxies")]
    [InlineData("--Gateway:AllowedOrigins:0=*", "AllowedOrigins")]
    [InlineData("--Gateway:AllowedOrigins:0=https://dash.example.com/", "AllowedOrigins")]
    [InlineData("--Limits:Read=-1", "Read")]
    [InlineData("--Https:Enabled=true --Https:CertificatePath=/nowhere/cert.pem", "CertificatePath")]
    public async Task Setting_ThatIsWrong_StopsTheStart(string setting, string named)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => GatewayHost.StartAsync(null, setting.Split(' ')));
        Assert.Contains(named, exception.ToString(), StringComparison.Ordinal);
    }
}
