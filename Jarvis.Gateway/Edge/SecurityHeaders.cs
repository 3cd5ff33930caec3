using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Jarvis.Gateway.Edge;

/// <summary>
/// What browsers are told with every answer, also with failures and what comes from memory. A page says its own Content-Security-Policy; whatever does not may load,
/// run and frame nothing.
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next, IOptions<TlsOptions> tls)
{
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Nothing = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues NoDevices = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    private static readonly StringValues SameOrigin = "same-origin";
    private static readonly StringValues HstsOneYear = "max-age=31536000";
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    private static readonly Func<object, Task> Apply = state =>
    {
        Write(((HttpResponse)state).Headers);
        return Task.CompletedTask;
    };

    private static readonly Func<object, Task> ApplyHsts = state =>
    {
        ((HttpResponse)state).Headers.StrictTransportSecurity = HstsOneYear;
        return Task.CompletedTask;
    };

    private readonly bool _tls = tls.Value.Enabled;

    public Task InvokeAsync(HttpContext context)
    {
        // When the answer starts: a failure on the way clears what was set before.
        context.Response.OnStarting(Apply, context.Response);
        // Never for the loopback's names: every other program on this machine would be held to it.
        if (_tls && context.Request.IsHttps && !Loopback.Contains(context.Request.Host.Host, StringComparer.OrdinalIgnoreCase))
            context.Response.OnStarting(ApplyHsts, context.Response);
        return next(context);
    }

    private static void Write(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = NoSniff;
        if (headers.ContentSecurityPolicy.Count == 0)
            headers.ContentSecurityPolicy = Nothing;
        headers["Referrer-Policy"] = NoReferrer;
        headers["Permissions-Policy"] = NoDevices;
        headers["Cross-Origin-Opener-Policy"] = SameOrigin;
        headers["Cross-Origin-Resource-Policy"] = SameOrigin;
    }
}
