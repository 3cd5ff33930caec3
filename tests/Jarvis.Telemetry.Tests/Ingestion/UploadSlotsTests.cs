using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Ingestion;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Jarvis.Telemetry.Tests.Ingestion;

public sealed class UploadSlotsTests
{
    [Fact]
    public async Task Request_BeyondTheAccountsOwn_ComesBackLater_AndOthersAreTaken()
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slots = new UploadSlots(
            context =>
            {
                if (context.Request.Path == "/held")
                {
                    entered.SetResult();
                    return release.Task;
                }
                context.Response.StatusCode = StatusCodes.Status200OK;
                return Task.CompletedTask;
            }, Options.Create(new IngestionOptions { MaxRequestsPerAccount = 1, CommitTimeoutSeconds = 1 }));
        var (greedy, other) = (Account(), Account());
        var held = slots.InvokeAsync(Context(greedy, "/held"));
        await entered.Task;

        var refused = Context(greedy, "/next");
        await slots.InvokeAsync(refused);
        Assert.Equal(503, refused.Response.StatusCode);
        Assert.Equal("2", refused.Response.Headers.RetryAfter);
        foreach (var (caller, large) in (ReadOnlySpan<(Caller, bool)>)[(other, true), (Caller.Service, true), (greedy, false)])
        {
            var taken = Context(caller, "/next", large);
            Assert.True(slots.InvokeAsync(taken).IsCompletedSuccessfully);
        }

        release.SetResult();
        await held;
        var after = Context(greedy, "/next");
        await slots.InvokeAsync(after);
        Assert.Equal(200, after.Response.StatusCode);
    }

    [Theory]
    [InlineData(false, 0.2, "1")]
    [InlineData(true, 3_600.5, "3601")]
    public async Task Answer_ToAnAccountAtItsBound_SaysWhenItMayComeBack(bool json, double seconds, string retryAfter)
    {
        var context = Context(Account(), "/v1/traces");
        await OtlpAnswer.Exhausted(json, "enough", TimeSpan.FromSeconds(seconds)).ExecuteAsync(context);
        Assert.Equal((429, retryAfter), (context.Response.StatusCode, context.Response.Headers[HeaderNames.RetryAfter].ToString()));
    }

    private static Caller Account() =>
        new(CallerKind.ApiKey, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), Guid.Empty, null, [Scopes.TelemetryWrite], default, DateTimeOffset.MaxValue);

    private static DefaultHttpContext Context(Caller caller, string path, bool large = true)
    {
        var context = new DefaultHttpContext { User = new(new CallerIdentity(caller)), RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        context.Request.Path = path;
        context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(large ? [new LargeBodyMetadata()] : []), path));
        return context;
    }
}
