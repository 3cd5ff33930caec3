using FsCheck;
using FsCheck.Fluent;
using Jarvis.Telemetry.Traces;

namespace Jarvis.Telemetry.Tests.Traces;

public sealed class TraceTests
{
    [Theory]
    [InlineData("0102030405060708090a0b0c0d0e0f10", true)]
    [InlineData("0102030405060708090A0B0C0D0E0F10", true)]
    [InlineData("00000000000000000000000000000000", false)]
    [InlineData("0102030405060708090a0b0c0d0e0f1", false)]
    [InlineData("0102030405060708090a0b0c0d0e0fzz", false)]
    [InlineData("", false)]
    public void TryParseId_AnyText_TakesHexOnly(string text, bool valid) => Assert.Equal(valid, TracesApi.TryParseId(text, out _));

    [Fact]
    public void Cursor_AnyTrace_ComesBack() => Prop.ForAll<PositiveInt, Guid>((start, id) =>
    {
        var cursor = new TraceCursor(start.Get * 1_000_000_007L, id.ToByteArray());
        return TraceCursor.TryParse(cursor.ToString(), out var parsed) && parsed.StartUnixNano == cursor.StartUnixNano && parsed.TraceId.SequenceEqual(cursor.TraceId);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("________________________________")]
    [InlineData("AAAA AAAA AAAA AAAA AAAA AAAA AA")]
    public void Cursor_AnythingElse_IsRefused(string text) => Assert.False(TraceCursor.TryParse(text, out _));

    [Fact]
    public void Cursor_AnyText_IsReadOrRefused() => Prop.ForAll<string>(text => TraceCursor.TryParse(text ?? "", out _) || true).QuickCheckThrowOnFailure();

    [Fact]
    public void Depths_OfATree_CountFromTheRoot()
    {
        var spans = SpanDepths.Set([Span("leaf", "child"), Span("root", null), Span("child", "root"), Span("stray", "elsewhere"), Span("below", "stray")]);
        Assert.Equal([2, 0, 1, 0, 1], spans.Select(span => span.Depth));
    }

    [Fact]
    public void Depths_OfACircle_End()
    {
        var spans = SpanDepths.Set([Span("a", "b"), Span("b", "a"), Span("self", "self"), Span("tail", "a")]);
        Assert.All(spans, span => Assert.InRange(span.Depth, 0, 3));
    }

    [Fact]
    public void Depths_OfALongChain_AreExact()
    {
        var spans = SpanDepths.Set([.. Enumerable.Range(0, 1_000).Reverse().Select(i => Span($"s{i}", i == 0 ? null : $"s{i - 1}"))]);
        Assert.Equal(Enumerable.Range(0, 1_000).Reverse(), spans.Select(span => span.Depth));
    }

    private static Span Span(string id, string? parent) =>
        new(id, parent, 0, "lamps", null, null, "light", "internal", default, "0", 0, 0, "unset", null, null, null, null, null);
}
