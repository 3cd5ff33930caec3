using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Front;

/// <summary>
/// Refuses what a foreign web page in the user's browser could send to an address on the loopback: another Host (DNS rebinding), and
/// writes from another origin (cross-site request forgery). Callers that are no browsers send no Origin.
/// </summary>
internal sealed class CallerGuard(RequestDelegate next, IOptionsMonitor<FrontOptions> options)
{
    // Whoever can use these names is on this machine, the health probes among them.
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!IsServed(request.Host.Host) && !IsForProbes(request))
            return new Failure(ErrorCode.MalformedRequest, "This host name is not served here. Gateway:AllowedHosts lists those that are.").ExecuteAsync(context);
        if (!IsSafe(request.Method) && request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsAllowed(request, origin))
            return new Failure(ErrorCode.Forbidden, "Pages of this origin may not change anything here. Gateway:AllowedOrigins lists those that may.").ExecuteAsync(context);
        return next(context);
    }

    /// <summary>
    /// Services and orchestrators ask these under names of their own network; they are for everybody, or for who has the services' key, so a rebound name gains nothing.
    /// </summary>
    private static bool IsForProbes(HttpRequest request) => HttpMethods.IsGet(request.Method)
        ? request.Path.Value is (Extensions.HealthPath or Extensions.AlivePath or JwksApi.Path)
        : HttpMethods.IsPost(request.Method) && request.Path.Value is ControlApi.Path;

    private bool IsServed(string host) =>
        Loopback.Contains(host, StringComparer.OrdinalIgnoreCase) || options.CurrentValue.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private bool IsAllowed(HttpRequest request, string origin) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || options.CurrentValue.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}
