using System.Globalization;
using Jarvis.ServiceDefaults;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;

namespace Jarvis.Gateway.Proxy;

/// <summary>
/// Refuses bodies over the route's limit so that the client gets to read the answer. The server's own limit closes the connection while the client
/// still sends, and most clients then report a broken connection and not the 413.
/// </summary>
internal static class BodyLimit
{
    /// <summary>Key of a route's <c>Metadata</c>: bytes of a body, in place of <c>Requests:MaxBodyBytes</c>.</summary>
    public const string MetadataKey = "MaxBodyBytes";

    // What is still taken from a client that was refused, and for how long; then the connection is closed on it.
    private const long DrainBytes = 64 * 1_048_576;
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <summary>Runs <paramref name="next"/> with a body that ends in a 413 when it grows over the limit; or refuses it at once when its length says so.</summary>
    public static async Task EnforceAsync(HttpContext context, RouteConfig route, Func<Task> next)
    {
        var limit = Of(route) ?? context.RequestServices.GetRequiredService<IOptions<RequestLimitsOptions>>().Value.MaxBodyBytes;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
            server.MaxRequestBodySize = null;
        var body = new LimitedBody(context.Request.Body, limit);
        context.Request.Body = body;
        if (context.Request.ContentLength > limit)
            await new Failure(ErrorCode.PayloadTooLarge, TooLarge).ExecuteAsync(context);
        else
            await next();
        if (context.Response.StatusCode == StatusCodes.Status413PayloadTooLarge)
            await DrainAsync(context, body.Inner);
    }

    public const string TooLarge = "The body is larger than this route takes.";

    private static long? Of(RouteConfig route) =>
        route.Metadata?.TryGetValue(MetadataKey, out var bytes) is true ? long.Parse(bytes, CultureInfo.InvariantCulture) : null;

    private static async Task DrainAsync(HttpContext context, Stream body)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(DrainTime);
        var buffer = new byte[65_536];
        long drained = 0;
        try
        {
            await context.Response.Body.FlushAsync(limit.Token);
            while (drained < DrainBytes && await body.ReadAsync(buffer, limit.Token) is > 0 and var read)
                drained += read;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has gone, or takes too long: the connection closes on it.
        }
    }
}
