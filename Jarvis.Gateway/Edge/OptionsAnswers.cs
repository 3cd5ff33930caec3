using Yarp.ReverseProxy.Transforms;

namespace Jarvis.Gateway.Edge;

/// <summary>
/// OPTIONS of a path that is there is answered with the methods that it takes (RFC 9110, 9.3.7). The router and the services know them: they say so when they refuse
/// OPTIONS as a method.
/// </summary>
internal sealed class OptionsAnswers(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => HttpMethods.IsOptions(context.Request.Method) ? AnswerAsync(context) : next(context);

    /// <summary>Runs when a service's headers have come and before anything of its body.</summary>
    public static ValueTask OnAnswerAsync(ResponseTransformContext transform)
    {
        if (HttpMethods.IsOptions(transform.HttpContext.Request.Method) && TryAnswer(transform.HttpContext.Response))
            transform.SuppressResponseBody = true;
        return default;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        await next(context);
        if (!context.Response.HasStarted)
            TryAnswer(context.Response);
    }

    private static bool TryAnswer(HttpResponse response)
    {
        if (response.StatusCode != StatusCodes.Status405MethodNotAllowed || response.Headers.Allow.Count == 0)
            return false;
        var allow = response.Headers.Allow.ToString();
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.Allow = allow.Contains("OPTIONS", StringComparison.Ordinal) ? allow : $"{allow}, OPTIONS";
        response.ContentLength = null;
        response.Headers.Remove("Content-Type");
        response.Headers.Remove("Transfer-Encoding");
        return true;
    }
}
