using Jarvis.Gateway.Services;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Replicas;
using Yarp.ReverseProxy.Forwarder;

namespace Jarvis.Gateway.Proxy;

/// <summary>What a failed hop to a service means for the client.</summary>
internal static class ForwarderFailures
{
    /// <summary>The failure to send, naming the service where the client is not to blame.</summary>
    /// <param name="bodyIsComplete">Whether all of the request had come by then.</param>
    /// <returns>Null when the client itself went away and nobody reads an answer.</returns>
    public static Failure? Of(IForwarderErrorFeature error, string service, string method = "GET", bool bodyIsComplete = true) => error.Error switch
    {
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient
            or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient => null,
        ForwarderError.RequestCreation => NotToBeSent,
        ForwarderError.Request when ServiceVerdicts.IsOfTheRequest(error.Exception) => NotToBeSent,
        ForwarderError.RequestBodyClient => RefusalOf(error.Exception) switch
        {
            StatusCodes.Status413PayloadTooLarge => new(ErrorCode.PayloadTooLarge, BodyLimit.TooLarge),
            StatusCodes.Status408RequestTimeout => TooSlow,
            _ => Failure.Malformed("The body did not arrive whole."),
        },
        ForwarderError.NoAvailableDestinations => Down(service),
        ForwarderError.ResponseHeaders => Broken(service, method, "answered with headers that cannot be passed on"),
        _ when ConnectFailures.NeverConnected(error.Exception) => Down(service),
        ForwarderError.RequestTimedOut => TimedOut(service, bodyIsComplete),
        _ => Broken(service, method, "broke off its answer"),
    };

    /// <summary>The time limit is over: the service's fault, unless the client was still sending.</summary>
    public static Failure TimedOut(string service, bool bodyIsComplete) =>
        bodyIsComplete ? new(ErrorCode.IntegrationTimeout, $"The {service} service did not answer in time.") { Extensions = Named(service) } : TooSlow;

    private static Failure TooSlow => new(ErrorCode.RequestTimeout, "The body took too long to arrive.");

    private static Failure NotToBeSent => Failure.Malformed("This request cannot be passed on: something in its method, path or headers is not HTTP.");

    // What changes something may have been done: sending it again could do it twice.
    private static Failure Broken(string service, string method, string how) =>
        new(ErrorCode.Integration, HttpMethods.IsGet(method) ? $"The {service} service {how}. Try again."
            : $"The {service} service {how}. The request may have been carried out: look before you send it again, or send it again with the same Idempotency-Key if it had one.")
        {
            Extensions = Named(service),
        };

    private static Failure Down(string service) =>
        Failure.Unavailable(service, $"The {service} service does not answer. Try again shortly; GET /health shows its state.");

    /// <summary>The status with which the server refused the body; null when it did not.</summary>
    private static int? RefusalOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is BadHttpRequestException refused)
                return refused.StatusCode;
        return null;
    }

    private static Dictionary<string, object?> Named(string service) => new(StringComparer.Ordinal) { ["service"] = service };
}
