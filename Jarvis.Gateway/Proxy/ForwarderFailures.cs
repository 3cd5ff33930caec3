using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Replicas;
using Yarp.ReverseProxy.Forwarder;

namespace Jarvis.Gateway.Proxy;

/// <summary>What a failed hop to a service means for the client.</summary>
internal static class ForwarderFailures
{
    /// <summary>The failure to send, naming the service.</summary>
    /// <returns>Null when the client itself went away and nobody reads an answer.</returns>
    public static Failure? Of(IForwarderErrorFeature error, string service, string method = "GET") => error.Error switch
    {
        ForwarderError.RequestCanceled or ForwarderError.ResponseBodyCanceled or ForwarderError.RequestBodyCanceled
            or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled => null,
        ForwarderError.RequestBodyClient => RefusalOf(error.Exception) switch
        {
            StatusCodes.Status413PayloadTooLarge => new(ErrorCode.PayloadTooLarge, BodyLimit.TooLarge),
            StatusCodes.Status408RequestTimeout => new(ErrorCode.RequestTimeout, "The body took too long to arrive."),
            _ => Failure.Malformed("The body did not arrive whole."),
        },
        ForwarderError.NoAvailableDestinations => Down(service),
        _ when ConnectFailures.NeverConnected(error.Exception) => Down(service),
        ForwarderError.RequestTimedOut => TimedOut(service),
        _ when HttpMethods.IsGet(method) =>
            new(ErrorCode.Integration, $"The {service} service broke off its answer. Try again.") { Extensions = Named(service) },
        // What changes something may have been done: sending it again could do it twice.
        _ => new(ErrorCode.Integration, $"The {service} service broke off its answer. The request may have been carried out: look before you send it again, or send it again with the same Idempotency-Key if it had one.")
        {
            Extensions = Named(service),
        },
    };

    public static Failure TimedOut(string service) =>
        new(ErrorCode.IntegrationTimeout, $"The {service} service did not answer in time.") { Extensions = Named(service) };

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
