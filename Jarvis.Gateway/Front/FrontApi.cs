using System.Reflection;
using Jarvis.Gateway.OpenApi;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Jarvis.Gateway.Front;

/// <summary>The start page of the API.</summary>
/// <param name="UptimeMs">Milliseconds since this gateway started.</param>
public sealed record Welcome(string Name, string Version, long UptimeMs, IReadOnlyDictionary<string, string> Links);

/// <summary>The gateway answers; that is all it says.</summary>
public sealed record Alive(string Status);

internal static class FrontApi
{
    private static readonly string Version =
        typeof(FrontApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    // Only what is there today.
    private static readonly Dictionary<string, string> Links = new(StringComparer.Ordinal)
    {
        ["health"] = "/health",
        ["agents"] = "/api/v2/agents",
        ["commands"] = "/api/v2/commands",
        ["skills"] = "/api/v2/skills",
        ["mcp_servers"] = "/api/v2/mcp-servers",
        ["workflows"] = "/api/v2/workflows",
        ["search"] = "/api/v2/search?q=review",
        ["sources"] = "/api/v2/catalog/sources",
        ["diagnostics"] = "/api/v2/catalog/diagnostics",
        ["caches"] = "/api/v2/cache/stats",
        ["tasks"] = "/api/v2/tasks/recent",
        ["active"] = "/api/v2/workflows/active",
        ["traces"] = "/api/v2/traces",
        ["metrics"] = "/api/v2/metrics/names",
    };

    public static void AddFront(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<FrontOptions>().BindConfiguration("Gateway").ValidateDataAnnotations().ValidateOnStart();

    public static void UseFront(this IApplicationBuilder app)
    {
        app.UseMiddleware<CallerGuard>();
        app.UseMiddleware<VersionGuard>();
    }

    public static void MapFront(this IEndpointRouteBuilder routes)
    {
        var started = TimeProvider.System.GetTimestamp();
        routes.MapGet("/", (HttpRequest request, HttpResponse response, TimeProvider time) => Welcome(request, response, (long)time.GetElapsedTime(started).TotalMilliseconds))
            .AllowAnonymous().WithName("welcome").WithSummary("Name, version, uptime and where to go next").WithDescription("A browser is sent to the page at `/docs`.").WithTags("System")
            .Produces(StatusCodes.Status302Found).WithAnswerHeader(StatusCodes.Status302Found, "Location", "The page for browsers.", DocsPage.Path);
        routes.MapGet(Extensions.AlivePath, () => Enveloped.Ok(new Alive("healthy")))
            .AllowAnonymous().WithName("alive").WithSummary("Whether the gateway's process answers").WithTags("System");
    }

    private static Results<Enveloped<Welcome>, RedirectHttpResult> Welcome(HttpRequest request, HttpResponse response, long uptimeMs)
    {
        response.Headers.Vary = HeaderNames.Accept;
        return WantsPage(request) ? TypedResults.Redirect(DocsPage.Path) : Enveloped.Ok(new Welcome("Jarvis", Version, uptimeMs, Links));
    }

    /// <summary>Whether HTML is asked for by name, and not after JSON: browsers do; programs that take anything get JSON.</summary>
    internal static bool WantsPage(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return Weight("text/html") is > 0 and var html && html >= (Weight("application/json") ?? 0);

        double? Weight(string type) => accepted.FirstOrDefault(each => each.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)) is { } named ? named.Quality ?? 1 : null;
    }
}
