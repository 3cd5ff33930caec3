using Jarvis.ServiceDefaults.Replicas;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Jarvis.Gateway.Proxy;

/// <summary>
/// Sends a request that met a dead process to another one of the service: always when no connection was made, and once, if it is a GET, when the
/// connection broke before an answer came. The dead one is not asked again until it says that it lives.
/// </summary>
internal sealed class ReplicaTurns(ServiceAddresses addresses)
{
    public async Task ForwardAsync(HttpContext context, RequestDelegate next)
    {
        var proxy = context.GetReverseProxyFeature();
        List<DestinationState>? tried = null;
        for (var mayHaveArrived = false; ;)
        {
            if (!HasDestinations(context, proxy))
                return;
            await next(context);
            if (context.GetForwarderErrorFeature() is not { } error || proxy.ProxiedDestination is not { } failed)
                return;
            var neverConnected = ConnectFailures.NeverConnected(error.Exception);
            if (neverConnected)
                addresses.Refused(failed.Model.Config.Address);
            if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
                return;
            if (!neverConnected && (mayHaveArrived || !BrokeBeforeAnAnswer(context, error)))
                return;
            // A request that ends the process which carries it out must not be taken around all of them.
            mayHaveArrived |= !neverConnected;
            (tried ??= []).Add(failed);
            var others = proxy.Route.Cluster!.DestinationsState.AvailableDestinations.Except(tried).ToArray();
            if (others.Length == 0)
                return;
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.StatusCode = StatusCodes.Status200OK;
            proxy.AvailableDestinations = others;
        }
    }

    /// <summary>Says so itself when there are none: the proxy would write two warnings for each request.</summary>
    private static bool HasDestinations(HttpContext context, IReverseProxyFeature proxy)
    {
        if (proxy.AvailableDestinations.Count > 0)
            return true;
        // The request may have waited in line since they were looked up.
        proxy.AvailableDestinations = proxy.Route.Cluster!.DestinationsState.AvailableDestinations;
        if (proxy.AvailableDestinations.Count > 0)
            return true;
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Features.Set<IForwarderErrorFeature>(new NobodyThere());
        return false;
    }

    private static bool BrokeBeforeAnAnswer(HttpContext context, IForwarderErrorFeature error) =>
        error.Error == ForwarderError.Request && HttpMethods.IsGet(context.Request.Method)
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }
        && error.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }
            or HttpRequestException { InnerException: IOException };

    private sealed class NobodyThere : IForwarderErrorFeature
    {
        public ForwarderError Error => ForwarderError.NoAvailableDestinations;

        public Exception? Exception => null;
    }
}
