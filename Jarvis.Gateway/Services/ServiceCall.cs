using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy.Transforms;

namespace Jarvis.Gateway.Services;

/// <summary>
/// A request on its way to a service, until the service's headers have come: an answer that streams for an hour is a good one from its first moment on.
/// </summary>
internal sealed class ServiceCall
{
    private readonly TaskCompletionSource<ServiceVerdict> _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ServiceVerdict> Verdict => _verdict.Task;

    /// <summary>Runs when a service's headers have come.</summary>
    public static ValueTask OnAnswerAsync(ResponseTransformContext transform)
    {
        if (transform.ProxyResponse is { } response)
            transform.HttpContext.Features.Get<ServiceCall>()?.Is((int)response.StatusCode >= 500 ? ServiceVerdict.AnsweredError : ServiceVerdict.Answered);
        return default;
    }

    /// <summary>Sends the request; ends when the whole answer has been passed on.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        context.Features.Set(this);
        try
        {
            await next(context);
            Is(Of(context));
        }
        finally
        {
            Is(ServiceVerdict.NotItsFault);
        }
    }

    /// <summary>The first word counts.</summary>
    private void Is(ServiceVerdict verdict) => _verdict.TrySetResult(verdict);

    private static ServiceVerdict Of(HttpContext context) => context.GetForwarderErrorFeature() is not { } failed ? ServiceVerdict.Answered
        : ServiceVerdicts.Of(
            failed.Error, failed.Exception, context.Features.Get<BodyArrival>()?.IsComplete ?? true,
            context.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true });
}
