using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Jarvis.ServiceDefaults.Validation;

/// <summary>
/// Keeps routes from taking a word of the contract for an id: those of <see cref="ReservedSegments"/>, and those of routes beside theirs, so that
/// <c>tasks/recent/events</c> does not speak of a task called "recent".
/// </summary>
internal sealed class ReservedSegmentsMiddleware(RequestDelegate next, EndpointDataSource endpoints)
{
    private readonly ConditionalWeakTable<Endpoint, Beside> _beside = [];

    public Task InvokeAsync(HttpContext context)
    {
        // Also for the router's own endpoint that says which methods a path takes.
        if (context.GetEndpoint() is { } endpoint && IsReserved(context, endpoint))
            context.SetEndpoint(null);
        return next(context);
    }

    private bool IsReserved(HttpContext context, Endpoint endpoint)
    {
        if (endpoint is not RouteEndpoint route)
            return ReservedSegments.Matches(context.Request.Path.Value);
        var beside = _beside.TryGetValue(route, out var known) ? known : _beside.GetValue(route, each => Of((RouteEndpoint)each));
        return beside.Parameter is not null && (ReservedSegments.Matches(context.Request.Path.Value)
            || (context.Request.RouteValues[beside.Parameter] is string value && beside.Words.Contains(value)));
    }

    /// <summary>The first parameter of a route of the API, and the words that other routes have in its place.</summary>
    private Beside Of(RouteEndpoint route)
    {
        var segments = route.RoutePattern.PathSegments;
        var at = Enumerable.Range(0, segments.Count).FirstOrDefault(index => segments[index].Parts is [RoutePatternParameterPart], -1);
        if (at < 0 || segments[at].Parts[0] is not RoutePatternParameterPart { IsCatchAll: false } parameter)
            return new(null, []);
        var words = endpoints.Endpoints.OfType<RouteEndpoint>().Select(other => other.RoutePattern.PathSegments)
            .Where(other => other.Count > at && Enumerable.Range(0, at).All(index => Text(other[index]) is { } text && string.Equals(text, Text(segments[index]), StringComparison.OrdinalIgnoreCase)))
            .Select(other => Text(other[at])).OfType<string>();
        return new(parameter.Name, words.ToFrozenSet(StringComparer.OrdinalIgnoreCase));
    }

    private static string? Text(RoutePatternPathSegment segment) => segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content : null;

    private sealed record Beside(string? Parameter, FrozenSet<string> Words);
}
