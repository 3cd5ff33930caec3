using System.Net;
using Jarvis.Gateway.Services;
using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Jarvis.Gateway.Tests.Services;

public sealed class ServiceCallsTests : IDisposable
{
    private readonly Clock _clock = new();
    private readonly CircuitRegistry _circuits;
    private readonly ServiceCalls _calls;

    public ServiceCallsTests()
    {
        _circuits = new(new("gateway", "0a1b2c3d", "1", _clock.GetUtcNow()), _clock, NullLogger<CircuitRegistry>.Instance);
        _calls = new(_circuits, Options.Create(new ServiceOptions { MinimumThroughput = 3 }), _clock);
    }

    public void Dispose() => _circuits.Dispose();

    [Fact]
    public async Task Service_ThatIsGone_IsNotAskedUntilItsBreakIsOver()
    {
        for (var i = 0; i < 3; i++)
            await SendAsync(Fails(ForwarderError.Request));
        var asked = false;
        var refused = await Assert.ThrowsAsync<FailureException>(() => SendAsync(_ =>
        {
            asked = true;
            return Task.CompletedTask;
        }));
        Assert.False(asked);
        Assert.Equal((ErrorCode.CircuitOpen, "catalog"), (refused.Failure.Code, refused.Failure.Extensions!["service"]));
        Assert.NotNull(refused.Failure.RetryAfter);
        Assert.Equal(("open", "does not answer"), (Circuit.State, Circuit.LastFailure));

        _clock.Advance(TimeSpan.FromSeconds(1));
        await SendAsync(_ => Task.CompletedTask);
        Assert.Equal("closed", Circuit.State);
        var figures = Assert.Single(_calls.Figures());
        Assert.Equal((4L, 1L, 3L), (figures.Total, figures.Refused, figures.Errors));
    }

    [Theory]
    [InlineData(ForwarderError.RequestCanceled)]
    [InlineData(ForwarderError.RequestBodyClient)]
    public async Task Client_ThatIsAtFault_CountsForNothing(ForwarderError error)
    {
        for (var i = 0; i < 10; i++)
            await SendAsync(Fails(error));
        Assert.Equal("closed", Circuit.State);
        Assert.Equal(0, Assert.Single(_calls.Figures()).Total);
    }

    [Fact]
    public async Task Answers_WithErrors_AreErrorsButNoOutage()
    {
        for (var i = 0; i < 10; i++)
            await SendAsync(context => AnswerAsync(context, HttpStatusCode.ServiceUnavailable));
        Assert.Equal("closed", Circuit.State);
        Assert.Equal((10L, 10L), (Assert.Single(_calls.Figures()).Total, _calls.Figures()[0].Errors));
    }

    [Fact]
    public async Task Probe_ThatStreams_ClosesTheCircuitWithItsHeaders()
    {
        for (var i = 0; i < 3; i++)
            await SendAsync(Fails(ForwarderError.RequestTimedOut));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var end = new TaskCompletionSource();
        var streaming = SendAsync(async context =>
        {
            await AnswerAsync(context, HttpStatusCode.OK);
            await end.Task;
        });
        await SendWhenClosedAsync();
        Assert.False(streaming.IsCompleted);
        end.SetResult();
        await streaming;
    }

    [Fact]
    public async Task Isolated_Service_IsRefusedAndSaysSo()
    {
        await SendAsync(_ => Task.CompletedTask);
        await _circuits.IsolateAsync("catalog", "maintenance", revision: 0, CancellationToken.None);
        var refused = await Assert.ThrowsAsync<FailureException>(() => SendAsync(_ => Task.CompletedTask));
        Assert.Contains("isolated", refused.Failure.Detail, StringComparison.Ordinal);
        await _circuits.ResetAsync("catalog", 0, CancellationToken.None);
        await SendAsync(_ => Task.CompletedTask);
    }

    [Fact]
    public async Task Exception_OfTheWayThere_GoesOn()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => SendAsync(_ => throw new InvalidDataException()));
        Assert.Equal(0, Assert.Single(_calls.Figures()).Total);
    }

    private CircuitReport Circuit => Assert.Single(_circuits.Reports());

    private async Task SendWhenClosedAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Circuit.State != CircuitStates.Closed)
            await Task.Delay(1, limit.Token);
        await SendAsync(_ => Task.CompletedTask);
    }

    private Task SendAsync(RequestDelegate next) => _calls.ForwardAsync(new DefaultHttpContext(), "catalog", next);

    private static async Task AnswerAsync(HttpContext context, HttpStatusCode status)
    {
        using var response = new HttpResponseMessage(status);
        await ServiceCall.OnAnswerAsync(new ResponseTransformContext { HttpContext = context, ProxyResponse = response });
    }

    private static RequestDelegate Fails(ForwarderError error) => context =>
    {
        context.Features.Set<IForwarderErrorFeature>(new Feature(error, null));
        return Task.CompletedTask;
    };

    private sealed record Feature(ForwarderError Error, Exception? Exception) : IForwarderErrorFeature;
}
