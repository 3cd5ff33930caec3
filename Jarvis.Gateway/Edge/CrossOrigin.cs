using Jarvis.Gateway.Front;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Jarvis.Gateway.Edge;

/// <summary>
/// Lets pages of the configured origins read answers with their user's sign-in, and answers the question that their browser asks before (https://fetch.spec.whatwg.org/#http-cors-protocol).
/// Other origins get no word; there is no wildcard.
/// </summary>
internal sealed class CrossOrigin(RequestDelegate next, IOptionsMonitor<FrontOptions> options)
{
    private static readonly StringValues Methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    private static readonly StringValues RequestHeaders =
        "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-API-Key, X-Correlation-ID, X-CSRF-Token, baggage, traceparent, tracestate";

    private static readonly StringValues AnswerHeaders =
        "Allow, Content-Disposition, Deprecation, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Sunset, WWW-Authenticate, X-API-Deprecation, X-API-Migration, X-Correlation-ID";

    private static readonly StringValues MaxAge = "7200";

    private static readonly Func<object, Task> Vary = state =>
    {
        var headers = ((HttpResponse)state).Headers;
        headers.Vary = headers.Vary.Count == 0 ? "Origin" : StringValues.Concat(headers.Vary, "Origin");
        return Task.CompletedTask;
    };

    private static readonly Func<object, Task> Allow = state =>
    {
        var (request, headers) = (((HttpResponse)state).HttpContext.Request, ((HttpResponse)state).Headers);
        headers.AccessControlAllowOrigin = request.Headers.Origin;
        headers.AccessControlAllowCredentials = "true";
        if (!IsPreflight(request))
            headers.AccessControlExposeHeaders = AnswerHeaders;
        return Task.CompletedTask;
    };

    public Task InvokeAsync(HttpContext context)
    {
        var allowed = options.CurrentValue.AllowedOrigins;
        var preflight = IsPreflight(context.Request);
        if (allowed.Count == 0 && !preflight)
            return next(context);
        context.Response.OnStarting(Vary, context.Response);
        if (context.Request.Headers.Origin is not [{ } origin])
            return next(context);
        if (!allowed.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            return preflight
                ? new Failure(ErrorCode.Forbidden, "Pages of this origin may not call this. Gateway:AllowedOrigins lists those that may.").ExecuteAsync(context)
                : next(context);
        }
        context.Response.OnStarting(Allow, context.Response);
        return preflight ? AnswerPreflight(context.Response) : next(context);
    }

    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.Origin.Count > 0 && request.Headers.AccessControlRequestMethod.Count > 0;

    private static Task AnswerPreflight(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.AccessControlAllowMethods = Methods;
        response.Headers.AccessControlAllowHeaders = RequestHeaders;
        response.Headers.AccessControlMaxAge = MaxAge;
        return Task.CompletedTask;
    }
}
