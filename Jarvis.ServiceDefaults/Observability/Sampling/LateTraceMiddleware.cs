using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;
using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>Outside of everything: records a request that no trace was recorded of when it failed or was slow.</summary>
internal sealed class LateTraceMiddleware(RequestDelegate next, LateTraces late, TimeProvider time)
{
    // Of the conventions; another word is the caller's, and there may be any number of them.
    private static readonly string[] Methods =
    [
        HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options, HttpMethods.Trace, HttpMethods.Connect,
    ];

    public Task InvokeAsync(HttpContext context) =>
        Activity.Current is { } activity && late.IsUnrecordedRoot(activity) ? WatchAsync(context, activity) : next(context);

    private async Task WatchAsync(HttpContext context, Activity activity)
    {
        var started = time.GetTimestamp();
        try
        {
            await next(context);
        }
        catch
        {
            Keep(context, activity, LateTraces.Failed);
            throw;
        }
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            Keep(context, activity, LateTraces.Failed);
        else if (time.GetElapsedTime(started) >= late.SlowAfter && !IsStream(context.Response))
            Keep(context, activity, LateTraces.Slow);
    }

    private void Keep(HttpContext context, Activity activity, string reason)
    {
        var request = context.Request;
        if (OwnTraffic.Is(request.Path) || !late.TryKeep(activity, reason, request.Headers[CorrelationId.Header]))
            return;
        // As the instrumentation names them when a request begins; what it says at the end (status, route) it says of this one, too.
        var method = KnownMethod(request.Method);
        activity.DisplayName = method ?? "HTTP";
        activity.SetTag("http.request.method", method ?? "_OTHER").SetTag("url.scheme", request.Scheme)
            .SetTag("url.path", (request.PathBase + request.Path).Value ?? "/");
    }

    // How long a stream lasts is its reader's wish.
    private static bool IsStream(HttpResponse response) => response.StatusCode == StatusCodes.Status101SwitchingProtocols
        || response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    private static string? KnownMethod(string method) => Array.Find(Methods, known => HttpMethods.Equals(known, method));
}
