using System.Text;
using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Tests.Services;

namespace Jarvis.Gateway.Tests.Audit;

/// <summary>Whatever a caller does, the log that nobody may delete grows by a bounded number of bounded entries a minute.</summary>
public sealed class FoldedRefusalsTests
{
    private readonly Clock _clock = new();
    private readonly FoldedRefusals _folded;

    public FoldedRefusalsTests() => _folded = new(_clock);

    [Fact]
    public void Repeats_WithinAMinute_AreOneEntryWithTheirNumber()
    {
        Assert.NotNull(Add("ada", "GET /api/v2/users", route: "GET users"));
        for (var i = 0; i < 100; i++)
            Assert.Null(Add("ada", $"GET /api/v2/users/{i}", route: "GET users"));
        Assert.Empty(_folded.TakeRepeats(all: false));
        _clock.Advance(TimeSpan.FromMinutes(1));
        var repeats = Assert.Single(_folded.TakeRepeats(all: false));
        Assert.Equal((100, "GET /api/v2/users/99"), (repeats.Count, repeats.Entry.Target));
        Assert.Empty(_folded.TakeRepeats(all: true));
        Assert.NotNull(Add("ada", "GET /api/v2/users", route: "GET users"));
    }

    [Fact]
    public void Refusals_OfOtherSourcesRoutesAndActions_AreEntriesOfTheirOwn()
    {
        Assert.NotNull(Add("ada", "x", route: "GET users"));
        Assert.NotNull(Add("bob", "x", route: "GET users"));
        Assert.NotNull(Add("ada", "x", route: "GET audit"));
        Assert.NotNull(Add("ada", "x", route: "GET users", action: "task.cancel"));
        Assert.NotNull(Add("ada", "one"));
        Assert.NotNull(Add("ada", "two"));
        Assert.Empty(_folded.TakeRepeats(all: true));
    }

    [Fact]
    public void Source_WithMoreKindsThanItMayHave_IsCountedTogether_AndNobodyElseIs()
    {
        var written = Enumerable.Range(0, 10_000).Select(i => Add("ada", $"target {i}")).OfType<AuditRow>().ToArray();
        Assert.Equal(FoldedRefusals.MaxKinds + 1, written.Length);
        Assert.Equal((FoldedRefusals.Beyond, null), (written[^1].Entry.Detail, written[^1].Entry.Target));
        Assert.NotNull(Add("bob", "x"));
        Assert.Equal(10_000 - FoldedRefusals.MaxKinds - 1, Assert.Single(_folded.TakeRepeats(all: true)).Count);
    }

    [Fact]
    public void Sources_WithoutEnd_AreBounded_Too()
    {
        var written = Enumerable.Range(0, 50_000).Select(i => Add($"source {i}", "x")).OfType<AuditRow>().Count();
        Assert.InRange(written, FoldedRefusals.MaxTotal, (2 * FoldedRefusals.MaxTotal) + 1);
        Assert.Equal(50_000 - written, _folded.TakeRepeats(all: true).Sum(row => row.Count));
    }

    [Fact]
    public void Texts_AreCut_AtWholeCharacters()
    {
        Assert.All<string>([new('x', 8_000), string.Concat(Enumerable.Repeat("😀", 2_000)), "😀" + new string('é', 5_000),
            "\ud800" + new string('\0', 300)], text =>
        {
            var row = AuditRow.New(new("access.denied", AuditLog.Refused) { Target = text, Detail = text }, new(null, null, null), _clock);
            Assert.All([row.Entry.Target!, row.Entry.Detail!], cut =>
            {
                Assert.InRange(Encoding.UTF8.GetByteCount(cut), 200, AuditRow.MaxBytes);
                Assert.EndsWith("…", cut, StringComparison.Ordinal);
                Assert.Equal(cut, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)));
            });
        });
        Assert.Equal("as it is", AuditRow.New(new("x", "refused") { Target = "as it is" }, new(null, null, null), _clock).Entry.Target);
    }

    private AuditRow? Add(string source, string target, string? route = null, string action = "access.denied") =>
        _folded.Add(source, AuditRow.New(new(action, AuditLog.Refused) { Target = target, Route = route }, new(null, null, null), _clock));
}
