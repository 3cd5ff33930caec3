using System.Globalization;
using Jarvis.ServiceDefaults;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Jarvis.Gateway.Legacy;

/// <summary>
/// Says with every answer below <c>/api/v1</c>, failures too, that it is deprecated (RFC 9745), until when it is there (RFC 8594), and what to call instead;
/// and counts who still calls it. What v1 does not have is a 404 that names what it has.
/// </summary>
internal sealed class VersionOne(RequestDelegate next, IOptions<LegacyOptions> options, LegacyUsage usage)
{
    private const string Prefix = "/api/v1";

    /// <summary>What never had a shape of its own: version 2 answers.</summary>
    private static readonly string[] Renamed = ["circuit-breakers"];

    /// <summary>What there is below <c>/api/v1</c>, for ever.</summary>
    public static readonly string[] Resources = ["agents", "commands", "skills", "mcp-servers", "workflows", "search", .. Renamed];


    private readonly string _deprecation = $"@{options.Value.DeprecatedSince.ToUnixTimeSeconds()}";
    private readonly string _sunset = options.Value.Sunset.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);
    private readonly string _notice = string.Create(CultureInfo.InvariantCulture,
        $"API v1 is deprecated since {options.Value.DeprecatedSince.UtcDateTime:yyyy-MM-dd} and may go away on {options.Value.Sunset.UtcDateTime:yyyy-MM-dd}.");

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase, out var rest))
            return next(context);
        var path = rest.Value ?? "";
        var resource = Array.Find(Resources, name => rest.StartsWithSegments($"/{name}", StringComparison.OrdinalIgnoreCase));
        Announce(context.Response, resource is null ? null : $"/api/v2/{resource}{new PathString(path[(resource.Length + 1)..]).ToUriComponent()}");
        if (resource is null)
        {
            return new Failure(ErrorCode.RouteNotFound, $"API v1 has only {string.Join(", ", Resources)}. Everything is below /api/v2.").ExecuteAsync(context);
        }
        usage.Count($"{Prefix}/{resource}", HeaderEncoding.Readable(context.Request.Headers.UserAgent.ToString()));
        if (Renamed.Contains(resource, StringComparer.Ordinal))
            context.Request.Path = $"/api/v2{path}";
        return next(context);
    }

    /// <summary>When the answer starts, since a failure clears what was set before.</summary>
    private void Announce(HttpResponse response, string? successor) => response.OnStarting(() =>
    {
        var headers = response.Headers;
        headers["Deprecation"] = _deprecation;
        headers["Sunset"] = _sunset;
        headers["X-API-Deprecation"] = _notice;
        headers["X-API-Migration"] = $"Use {successor ?? "/api/v2"} instead; {options.Value.Documentation} says what differs.";
        if (successor is not null)
            headers.Link = StringValues.Concat(headers.Link, $"<{successor}>; rel=\"successor-version\"");
        return Task.CompletedTask;
    });
}
