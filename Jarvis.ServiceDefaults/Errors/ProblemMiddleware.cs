using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Errors;

/// <summary>Gives every failure that has no body yet the contract's problem: exceptions, and bare statuses of the router, the binder and the proxy.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: nobody reads an answer. 499 is what the access logs of other servers say.
            if (!context.Response.HasStarted)
                context.Response.StatusCode = 499;
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            var failure = Faults.Of(exception);
            if (failure.Status == StatusCodes.Status500InternalServerError)
                LogUnhandled(exception, context.Request.Method, context.Request.Path);
            else if (failure.Status > 500)
                LogNeighbour(exception, failure.Detail, context.Request.Method, context.Request.Path);
            await WriteAsync(context, failure);
            return;
        }

        if (!context.Response.HasStarted && context.Response.StatusCode is >= 400 and not 499
            && context.Response.ContentLength is null or 0 && context.Response.ContentType is null)
        {
            await WriteAsync(context, Faults.OfStatus(context));
        }
    }

    private static Task WriteAsync(HttpContext context, Failure failure)
    {
        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        if (allow.Count > 0)
            context.Response.Headers.Allow = allow;
        return failure.ExecuteAsync(context);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogUnhandled(Exception exception, string method, string path);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Detail} ({Method} {Path})")]
    private partial void LogNeighbour(Exception exception, string detail, string method, string path);
}
