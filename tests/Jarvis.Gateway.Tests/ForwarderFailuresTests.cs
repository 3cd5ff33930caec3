using System.Net.Sockets;
using Jarvis.Gateway.Proxy;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Jarvis.Gateway.Tests;

public sealed class ForwarderFailuresTests
{
    private static readonly HttpRequestException Refused = new("refused", new SocketException((int)SocketError.ConnectionRefused));

    [Fact]
    public void ConnectionRefused_NamesTheServiceAs503()
    {
        var failure = Of(ForwarderError.Request, Refused);
        Assert.Equal(ErrorCode.ServiceUnavailable, failure!.Code);
        Assert.Contains("catalog", failure.Detail, StringComparison.Ordinal);
        Assert.NotNull(failure.RetryAfter);
    }

    [Fact]
    public void NoDestination_Is503() => Assert.Equal(503, Of(ForwarderError.NoAvailableDestinations, null)!.Status);

    [Fact]
    public void Timeout_Is504() => Assert.Equal(504, Of(ForwarderError.RequestTimedOut, new OperationCanceledException())!.Status);

    [Fact]
    public void BrokenAnswer_Is502() => Assert.Equal(502, Of(ForwarderError.Request, new HttpRequestException("reset"))!.Status);

    [Fact]
    public void BrokenAnswerToAWrite_DoesNotAdviseToRepeatIt() =>
        Assert.Contains("may have been carried out", ForwarderFailures.Of(new Feature(ForwarderError.Request, new HttpRequestException("reset")), "catalog", "POST")!.Detail, StringComparison.Ordinal);

    [Fact]
    public void BodyOverTheLimit_Is413() =>
        Assert.Equal(413, Of(ForwarderError.RequestBodyClient, new InvalidOperationException("copy", new BadHttpRequestException("big", 413)))!.Status);

    [Fact]
    public void ClientGone_HasNoAnswer() => Assert.Null(Of(ForwarderError.RequestCanceled, new OperationCanceledException()));

    private static Failure? Of(ForwarderError error, Exception? exception) => ForwarderFailures.Of(new Feature(error, exception), "catalog");

    private sealed record Feature(ForwarderError Error, Exception? Exception) : IForwarderErrorFeature;
}
