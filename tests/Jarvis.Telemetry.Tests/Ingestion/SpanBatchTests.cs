using Jarvis.Telemetry.Ingestion;

namespace Jarvis.Telemetry.Tests.Ingestion;

public sealed class SpanBatchTests
{
    private static readonly SpanSource Source = new("lamps", null, null);

    [Theory]
    [InlineData(0UL, "start_time_unix_nano is older than what is kept")]
    [InlineData(ulong.MaxValue, "start_time_unix_nano lies in the future")]
    public void Add_StartOutsideOfTheWindow_Rejects(ulong start, string reason)
    {
        var batch = Samples.Batch();
        batch.Add(Source, Draft(start, start));
        Assert.Equal((0, 1, reason), (batch.Spans.Count, batch.Rejected, batch.Reason));
    }

    [Theory]
    [InlineData(Samples.Start, 0L)]
    [InlineData(Samples.Start - 5, 0L)]
    [InlineData(Samples.Start + 5, 5L)]
    [InlineData(ulong.MaxValue, long.MaxValue - (long)Samples.Start)]
    public void Add_AnyEnd_HasADurationThatFits(ulong end, long duration)
    {
        var batch = Samples.Batch();
        batch.Add(Source, Draft(Samples.Start, end));
        Assert.Equal(duration, Assert.Single(batch.Spans).DurationNs);
    }

    [Fact]
    public void Add_MoreThanTheLimit_RefusesTheRequest()
    {
        var batch = Samples.Batch(maxSpans: 1);
        batch.Add(Source, Draft(Samples.Start, 0));
        Assert.Throws<OtlpTooLargeException>(() => batch.Add(Source, Draft(Samples.Start, 0)));
    }

    [Fact]
    public void Add_CorrelationThatIsNone_KeepsTheSpanWithoutIt()
    {
        var batch = Samples.Batch();
        var draft = Draft(Samples.Start, 0);
        draft.CorrelationId = "not valid!";
        batch.Add(Source, draft);
        Assert.Null(Assert.Single(batch.Spans).CorrelationId);
    }

    [Theory]
    [InlineData("ab\0c", 3, "ab\uFFFD")]
    [InlineData("a😀", 2, "a")]
    [InlineData("abc", 3, "abc")]
    public void Clean_AnyText_FitsPostgres(string text, int maxLength, string stored) => Assert.Equal(stored, StoredText.Clean(text, maxLength));

    private static SpanDraft Draft(ulong start, ulong end) => new() { TraceId = Samples.TraceId, SpanId = Samples.SpanId, Start = start, End = end };
}
