using System.Net.Sockets;
using Jarvis.Gateway.Proxy;
using Jarvis.Gateway.Services;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Jarvis.Gateway.Tests.Services;

/// <summary>Every way in which the proxy can fail: whether it counts against the service, and what the client reads. 0: nobody is there to read.</summary>
public sealed class ServiceVerdictsTests
{
    private static readonly HttpRequestException Refused = new(HttpRequestError.ConnectionError, "refused", new SocketException((int)SocketError.ConnectionRefused));
    private static readonly HttpRequestException Reset = new(HttpRequestError.Unknown, "sending", new IOException("reset", new SocketException((int)SocketError.ConnectionReset)));
    private static readonly HttpRequestException Ended = new(HttpRequestError.ResponseEnded, "ended", new HttpIOException(HttpRequestError.ResponseEnded));

    private static ArgumentException NotAMethod(string method = "G(T") => new($"'{method}' is not a method.", nameof(method));

    public static TheoryData<Case> Cases =>
    [
        new(ForwarderError.None, null, ServiceVerdict.Answered, 502),
        new(ForwarderError.Request, Refused, ServiceVerdict.NoAnswer, 503),
        new(ForwarderError.Request, Reset, ServiceVerdict.NoAnswer, 502),
        new(ForwarderError.Request, Ended, ServiceVerdict.NoAnswer, 502),
        new(ForwarderError.Request, new HttpRequestException(HttpRequestError.NameResolutionError), ServiceVerdict.NoAnswer, 503),
        new(ForwarderError.Request, new HttpRequestException(HttpRequestError.InvalidResponse), ServiceVerdict.NoAnswer, 502),
        new(ForwarderError.Request, new TaskCanceledException(), ServiceVerdict.NoAnswer, 502),
        new(ForwarderError.Request, NotAMethod(), ServiceVerdict.NotItsFault, 400),
        new(ForwarderError.Request, new UriFormatException("path"), ServiceVerdict.NotItsFault, 400),
        new(ForwarderError.RequestCreation, new InvalidOperationException("transform"), ServiceVerdict.NotItsFault, 400),
        new(ForwarderError.NoAvailableDestinations, null, ServiceVerdict.NoAnswer, 503),
        new(ForwarderError.RequestTimedOut, new TaskCanceledException(), ServiceVerdict.TimedOut, 504),
        new(ForwarderError.RequestTimedOut, new TaskCanceledException(), ServiceVerdict.NotItsFault, 408) { BodyIsComplete = false },
        new(ForwarderError.RequestTimedOut, new TaskCanceledException("connecting", new TimeoutException()), ServiceVerdict.NoAnswer, 503) { BodyIsComplete = false },
        new(ForwarderError.RequestCanceled, new TaskCanceledException(), ServiceVerdict.NotItsFault, 0),
        new(ForwarderError.RequestCanceled, new TaskCanceledException(), ServiceVerdict.TimedOut, 0) { RanOut = true },
        new(ForwarderError.RequestCanceled, new TaskCanceledException(), ServiceVerdict.NotItsFault, 0) { RanOut = true, BodyIsComplete = false },
        new(ForwarderError.RequestBodyCanceled, new TaskCanceledException(), ServiceVerdict.NotItsFault, 0),
        new(ForwarderError.RequestBodyCanceled, new TaskCanceledException(), ServiceVerdict.NotItsFault, 0) { RanOut = true, BodyIsComplete = false },
        new(ForwarderError.RequestBodyClient, new IOException("gone"), ServiceVerdict.NotItsFault, 400),
        new(ForwarderError.RequestBodyClient, new BadHttpRequestException("slow", 408), ServiceVerdict.NotItsFault, 408),
        new(ForwarderError.RequestBodyClient, new AggregateException(new BadHttpRequestException("large", 413)), ServiceVerdict.NotItsFault, 413),
        new(ForwarderError.RequestBodyClient, new BadHttpRequestException("chunk", 400), ServiceVerdict.NotItsFault, 400),
        new(ForwarderError.RequestBodyDestination, Reset, ServiceVerdict.NoAnswer, 502),
        new(ForwarderError.RequestBodyDestination, Reset, ServiceVerdict.NotItsFault, 502) { BodyIsComplete = false },
        new(ForwarderError.ResponseHeaders, new InvalidOperationException("control character"), ServiceVerdict.AnsweredError, 502),
        new(ForwarderError.ResponseBodyCanceled, new TaskCanceledException(), ServiceVerdict.Answered, 0),
        new(ForwarderError.ResponseBodyClient, new IOException("gone"), ServiceVerdict.Answered, 0),
        new(ForwarderError.ResponseBodyDestination, new IOException("gone"), ServiceVerdict.Answered, 502),
        new(ForwarderError.UpgradeRequestCanceled, new TaskCanceledException(), ServiceVerdict.Answered, 0),
        new(ForwarderError.UpgradeRequestClient, new IOException("gone"), ServiceVerdict.Answered, 0),
        new(ForwarderError.UpgradeRequestDestination, new IOException("gone"), ServiceVerdict.Answered, 502),
        new(ForwarderError.UpgradeResponseCanceled, new TaskCanceledException(), ServiceVerdict.Answered, 0),
        new(ForwarderError.UpgradeResponseClient, new IOException("gone"), ServiceVerdict.Answered, 0),
        new(ForwarderError.UpgradeResponseDestination, new IOException("gone"), ServiceVerdict.Answered, 502),
        new(ForwarderError.UpgradeActivityTimeout, new TaskCanceledException(), ServiceVerdict.Answered, 502),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Failure_CountsAgainstWhoCausedIt_AndIsToldSo(Case one)
    {
        Assert.Equal(one.Verdict, ServiceVerdicts.Of(one.Error, one.Exception, one.BodyIsComplete, one.RanOut));
        Assert.Equal(one.Status, ForwarderFailures.Of(new Feature(one.Error, one.Exception), "catalog", "POST", one.BodyIsComplete)?.Status ?? 0);
    }

    [Fact]
    public void Cases_LeaveNoErrorOut() =>
        Assert.Empty(Enum.GetValues<ForwarderError>().Except(((IEnumerable<object[]>)Cases).Select(row => ((Case)row[0]).Error)));

    /// <summary>One failure.</summary>
    public sealed record Case(ForwarderError Error, Exception? Exception, object Verdict, int Status)
    {
        public bool BodyIsComplete { get; init; } = true;

        public bool RanOut { get; init; }
    }

    private sealed record Feature(ForwarderError Error, Exception? Exception) : IForwarderErrorFeature;
}
