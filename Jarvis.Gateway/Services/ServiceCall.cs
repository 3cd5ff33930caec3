using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Jarvis.Gateway.Services;

/// <summary>What became of a request to a service.</summary>
internal enum ServiceVerdict
{
    /// <summary>It answered, whatever it said.</summary>
    Answered,

    /// <summary>It answered with a 5xx.</summary>
    AnsweredError,

    /// <summary>No connection was made, or it broke before an answer came.</summary>
    NoAnswer,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The client went away, or its body was at fault.</summary>
    NotItsFault,
}

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

    private static ServiceVerdict Of(HttpContext context) => context.GetForwarderErrorFeature()?.Error switch
    {
        null => ServiceVerdict.Answered,
        ForwarderError.RequestTimedOut => ServiceVerdict.TimedOut,
        // To the proxy the route's time limit looks as if the client had gone.
        ForwarderError.RequestCanceled when context.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true } => ServiceVerdict.TimedOut,
        ForwarderError.Request or ForwarderError.NoAvailableDestinations or ForwarderError.RequestBodyDestination => ServiceVerdict.NoAnswer,
        _ => ServiceVerdict.NotItsFault,
    };
}
