using Microsoft.AspNetCore.Routing.Template;
using Yarp.ReverseProxy;

namespace Jarvis.Gateway.OpenApi;

/// <summary>Which paths of which service can be reached through the proxy: what it has no route for is nobody's business.</summary>
internal sealed class ExposedRoutes
{
    private readonly List<(string Service, IReadOnlyList<string>? Methods, TemplateSegment[] Segments, int Order, decimal Precedence)> _routes;

    public ExposedRoutes(IProxyStateLookup proxy)
        : this(proxy.GetRoutes().Select(route => (route.Config.ClusterId, route.Config.Match.Path, route.Config.Match.Methods, route.Config.Order)))
    {
    }

    internal ExposedRoutes(IEnumerable<(string? Service, string? Path, IReadOnlyList<string>? Methods, int? Order)> routes) =>
        _routes =
        [
            .. from route in routes
               where route.Service is not null && route.Path is not null
               let template = TemplateParser.Parse(route.Path)
               select (route.Service, route.Methods, template.Segments.ToArray(), route.Order ?? 0, RoutePrecedence.ComputeInbound(template)),
        ];

    /// <summary>The service that gets requests to a path, which may have parameters in braces.</summary>
    public string? ServiceOf(string path, string method)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return _routes.Where(route => Matches(route.Segments, parts) && (route.Methods is null or { Count: 0 } || route.Methods.Contains(method, StringComparer.OrdinalIgnoreCase)))
            .OrderBy(route => route.Order).ThenBy(route => route.Precedence).Select(route => route.Service).FirstOrDefault();
    }

    private static bool Matches(TemplateSegment[] segments, string[] parts)
    {
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i].Parts is [{ IsCatchAll: true }])
                return true;
            if (i >= parts.Length)
                return false;
            if (segments[i].Parts is [{ IsLiteral: true, Text: { } text }] && !string.Equals(text, parts[i], StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return segments.Length == parts.Length;
    }
}
