using System.Net;
using System.Text;
using Jarvis.Gateway.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Tests.Limits;

/// <summary>
/// Of attempts to sign in those count that fail, and whoever is known where it comes from is not held up by strangers' ones.
/// </summary>
public sealed class AttemptsTests
{
    private const string Login = "/api/v2/auth/login";
    private const string Refresh = "/api/v2/auth/refresh";

    private readonly Known _known = new();
    private int _status = 401;

    [Fact]
    public async Task Success_IsNotCounted_AndFailuresAre()
    {
        var middleware = Middleware(new() { Auth = 3 });
        _status = 200;
        Assert.DoesNotContain(429, await SendAsync(middleware, 20));
        _status = 503;
        Assert.DoesNotContain(429, await SendAsync(middleware, 20));
        _status = 401;
        Assert.Equal([401, 401, 401, 429], await SendAsync(middleware, 4));
    }

    [Fact]
    public async Task Successes_AreBounded_AsWritesAre()
    {
        var middleware = Middleware(new() { Auth = 3, Write = 5 });
        _status = 200;
        Assert.Equal([200, 200, 200, 200, 200, 429], await SendAsync(middleware, 6));
        Assert.Equal([200], await SendAsync(middleware, 1, body: """{"email":"bob@example.com"}"""));
    }

    [Fact]
    public async Task RefreshToken_IsCounted_EachTimeThatItIsUsed()
    {
        var middleware = Middleware(new() { Auth = 3 });
        _status = 200;
        Assert.Equal([200, 200, 200, 429], await SendAsync(middleware, 4, Refresh, """{"refresh_token":"jrt_a"}"""));
        Assert.Equal([200], await SendAsync(middleware, 1, Refresh, """{"refresh_token":"jrt_b"}"""));
    }

    [Fact]
    public async Task Failures_OfAnAddress_HoldUpStrangers_AndNobodyWhoIsKnownThere()
    {
        var middleware = Middleware(new() { Auth = 100, AuthFailures = 4 });
        Assert.Equal([401, 401, 401, 401, 429], await SendAsync(middleware, 5));
        _known.Email = "ada@example.com";
        _status = 200;
        Assert.Equal([200], await SendAsync(middleware, 1, body: """{"email":" ada@example.com "}"""));
        Assert.Equal([429], await SendAsync(middleware, 1, body: """{"email":"eve@example.com"}"""));
    }

    [Fact]
    public async Task UnknownRefreshTokens_HaveAClassOfTheirOwn_AndHoldUpNoneThatIsOurs()
    {
        var middleware = Middleware(new() { Auth = 100, AuthFailures = 4 });
        Assert.Equal([401, 401, 401, 401, 429], await SendAsync(middleware, 5, Refresh, """{"refresh_token":"jrt_made-up"}"""));
        _known.Token = "jrt_ours";
        _status = 200;
        Assert.Equal([200], await SendAsync(middleware, 1, Refresh, """{"refresh_token":"jrt_ours"}"""));
        Assert.Equal([200], await SendAsync(middleware, 1));
    }

    [Fact]
    public async Task Browser_ThatIsKnown_IsNotHeldUp_ByOthersOfTheLoopback()
    {
        var middleware = Middleware(new() { Auth = 3 });
        Assert.Equal([401, 401, 401, 429], await SendAsync(middleware, 4, from: "127.0.0.1"));
        _known.Device = "a-browser";
        _status = 200;
        Assert.Equal([200], await SendAsync(middleware, 1, from: "127.0.0.1"));
        _status = 401;
        Assert.Equal([401, 401, 401, 429], await SendAsync(middleware, 4, from: "127.0.0.1"));
    }

    private LimitsMiddleware Middleware(LimitsOptions options)
    {
        var given = Options.Create(options with { AuthPaths = [Login, Refresh] });
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        return new(context =>
        {
            context.Response.StatusCode = _status;
            return Task.CompletedTask;
        }, new Limiter(given, null, TimeProvider.System, meters), _known, given);
    }

    private static async Task<IReadOnlyList<int>> SendAsync(
        LimitsMiddleware middleware, int count, string path = Login, string body = """{"email":"ada@example.com"}""",
            string from = "203.0.113.9")
    {
        var statuses = new int[count];
        for (var i = 0; i < count; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
            (context.Request.Method, context.Request.Path, context.Request.ContentType, context.Request.ContentLength) = ("POST", path,
                "application/json", bytes.Length);
            context.Request.Body = new MemoryStream(bytes);
            context.Connection.RemoteIpAddress = IPAddress.Parse(from);
            await middleware.InvokeAsync(context);
            statuses[i] = context.Response.StatusCode;
        }
        return statuses;
    }

    private sealed class Known : IKnownCallers
    {
        public string? Email { get; set; }

        public string? Token { get; set; }

        public string? Device { get; set; }

        public string? DeviceOf(HttpContext context, AuthSubject subject) => Device;

        public Task<bool> IsKnownAsync(HttpContext context, AuthSubject subject, CancellationToken cancellationToken) =>
            Task.FromResult((subject.Email is { } email && email == Email) || (subject.RefreshToken is { } token && token == Token));
    }
}
