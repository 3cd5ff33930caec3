using System.Net;
using System.Net.Http.Headers;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Ingestion;
using Jarvis.Telemetry.Retention;
using Microsoft.Extensions.Options;

namespace Jarvis.Telemetry.Tests.Ingestion;

public sealed class SlotTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Export_BesideUploadsThatNeverEnd_IsAnswered()
    {
        await using var app = await OtlpApp.StartAsync(("Ingestion:MaxConcurrentReads", "1"));
        using var gone = new CancellationTokenSource();
        using var slow = new SlowContent();
        var upload = app.Client.PostAsync(new Uri("/v1/traces", UriKind.Relative), slow, gone.Token);
        await slow.Started.WaitAsync(Long);
        app.Sink.Commit();

        using var content = new ByteArrayContent(Samples.Request(new Wire().Bytes(1, Samples.TraceId).Bytes(2, Samples.SpanId)
            .Fixed64(7, (ulong)UnixTime.Nanos(TimeProvider.System.GetUtcNow()))).ToArray())
        { Headers = { ContentType = new(OtlpAnswer.Protobuf) } };
        using var response = await app.Client.PostAsync(new Uri("/v1/traces", UriKind.Relative), content).WaitAsync(Long);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(upload.IsCompleted);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
    }

    [Fact]
    public async Task Slots_OfOneAccount_AreHalfAtTheMost()
    {
        using var slots = new ReadSlots(Options.Create(new IngestionOptions { MaxConcurrentReads = 4, CommitTimeoutSeconds = 30 }));
        var (greedy, other) = (Caller(), Caller());
        using var first = await slots.EnterAsync(greedy, default);
        var second = await slots.EnterAsync(greedy, default);
        var third = slots.EnterAsync(greedy, default);

        using (await slots.EnterAsync(other, default).WaitAsync(Long))
        using (await slots.EnterAsync(ServiceDefaults.Security.Caller.Service, default).WaitAsync(Long))
            Assert.False(third.IsCompleted);

        second.Dispose();
        (await third.WaitAsync(Long)).Dispose();
    }

    [Fact]
    public async Task AccountSlots_OutOfTime_GiveNoneAndForgetTheAccount()
    {
        var slots = new AccountSlots(1);
        var account = NewId();
        var held = await slots.EnterAsync(account, Long, default);
        Assert.Null(await slots.EnterAsync(account, TimeSpan.Zero, default));

        held!.Dispose();
        held.Dispose();

        using var again = await slots.EnterAsync(account, TimeSpan.Zero, default);
        Assert.NotNull(again);
        Assert.Null(await slots.EnterAsync(account, TimeSpan.Zero, default));
    }

    private static Caller Caller() => new(CallerKind.ApiKey, NewId(), NewId(), null, [Scopes.TelemetryWrite], default, DateTimeOffset.MaxValue);

    private static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    /// <summary>A body whose first byte comes and whose rest does not.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SlowContent() => Headers.ContentType = new MediaTypeHeaderValue(OtlpAnswer.Protobuf);

        public Task Started => _started.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(new byte[] { 0x0A }, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            _started.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
