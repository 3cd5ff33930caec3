using System.Globalization;
using Jarvis.Gateway.Services;
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
    private static readonly TimeSpan DrainIdle = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs <paramref name="next"/> with a body that ends in a 413 when it grows over the limit; or refuses it at once when its length says so.</summary>
    public static async Task EnforceAsync(HttpContext context, RouteConfig route, Func<Task> next)
    {
        var limit = Of(route) ?? context.RequestServices.GetRequiredService<IOptions<RequestLimitsOptions>>().Value.MaxBodyBytes;
        var tooLong = context.Request.ContentLength > limit;
        if (tooLong && context.Request.Headers.Expect.Count > 0)
        {
            // Who asks first (100-continue) has not begun to send, and will not after this answer.
            await RefuseAsync(context);
            return;
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
            server.MaxRequestBodySize = null;
        var body = new LimitedBody(context.Request.Body, limit, BodyArrival.Begin(context, context.RequestServices.GetRequiredService<TimeProvider>()));
        context.Request.Body = body;
        await (tooLong ? RefuseAsync(context) : next());
        if (context.Response.StatusCode == StatusCodes.Status413PayloadTooLarge)
            await CloseAsync(context, body.Inner);
    }

    public const string TooLarge = "The body is larger than this route takes.";

    private static long? Of(RouteConfig route) =>
        route.Metadata?.TryGetValue(MetadataKey, out var bytes) is true ? long.Parse(bytes, CultureInfo.InvariantCulture) : null;

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        return new Failure(ErrorCode.PayloadTooLarge, TooLarge).ExecuteAsync(context);
    }

    /// <summary>Ends the answer, takes what the client is still sending, and closes the connection on a client that does not come to an end.</summary>
    private static async Task CloseAsync(HttpContext context, Stream body)
    {
        await context.Response.CompleteAsync();
        if (!await DrainAsync(context, body))
            context.Abort();
    }

    /// <summary>Whether the body came to its end.</summary>
    private static async Task<bool> DrainAsync(HttpContext context, Stream body)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(DrainTime);
        var buffer = new byte[65_536];
        long drained = 0;
        try
        {
            while (drained < DrainBytes)
            {
                var read = await body.ReadAsync(buffer, limit.Token).AsTask().WaitAsync(DrainIdle, limit.Token);
                if (read == 0)
                    return true;
                drained += read;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or TimeoutException)
        {
            // The client has gone, has stopped sending, or takes too long.
        }

        return false;
    }
}
