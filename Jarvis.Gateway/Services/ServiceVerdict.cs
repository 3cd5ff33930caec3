using Jarvis.ServiceDefaults.Replicas;
using Yarp.ReverseProxy.Forwarder;

namespace Jarvis.Gateway.Services;

/// <summary>What became of a request to a service.</summary>
internal enum ServiceVerdict
{
    /// <summary>It answered, whatever it said.</summary>
    Answered,

    /// <summary>It answered with a 5xx, or with what is no answer.</summary>
    AnsweredError,

    /// <summary>No connection was made, or it broke before an answer came.</summary>
    NoAnswer,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The client went away, or what it sent was at fault. Counts for nothing: neither for the circuit nor in errors or latency.</summary>
    NotItsFault,
}

internal static class ServiceVerdicts
{
    /// <summary>Whose doing it was that the proxy failed.</summary>
    /// <param name="bodyIsComplete">Whether all of the request had come by then.</param>
    /// <param name="ranOut">Whether the route's time limit ended it, which to the proxy looks as if the client had gone.</param>
    public static ServiceVerdict Of(ForwarderError error, Exception? exception, bool bodyIsComplete, bool ranOut) => error switch
    {
        ForwarderError.None => ServiceVerdict.Answered,
        ForwarderError.NoAvailableDestinations => ServiceVerdict.NoAnswer,
        ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.RequestBodyDestination when ConnectFailures.NeverConnected(exception) => ServiceVerdict.NoAnswer,
        ForwarderError.Request => IsOfTheRequest(exception) ? ServiceVerdict.NotItsFault : ServiceVerdict.NoAnswer,
        // A service also breaks off what comes too slowly or is too long; one that has died refuses the next connection.
        ForwarderError.RequestBodyDestination => bodyIsComplete ? ServiceVerdict.NoAnswer : ServiceVerdict.NotItsFault,
        ForwarderError.RequestTimedOut => bodyIsComplete ? ServiceVerdict.TimedOut : ServiceVerdict.NotItsFault,
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled => ranOut && bodyIsComplete ? ServiceVerdict.TimedOut : ServiceVerdict.NotItsFault,
        ForwarderError.RequestCreation or ForwarderError.RequestBodyClient => ServiceVerdict.NotItsFault,
        ForwarderError.ResponseHeaders => ServiceVerdict.AnsweredError,
        // The headers had come, and the service was judged by them.
        ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient or ForwarderError.ResponseBodyDestination
            or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeRequestDestination
            or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeResponseClient or ForwarderError.UpgradeResponseDestination
            or ForwarderError.UpgradeActivityTimeout => ServiceVerdict.Answered,
        _ => ServiceVerdict.NotItsFault,
    };

    /// <summary>Whether a request could not be put together because of what is in it; whatever fails on the network is another exception.</summary>
    public static bool IsOfTheRequest(Exception? exception) => exception is ArgumentException or FormatException or NotSupportedException;
}
