using Jarvis.AppHost.Running;

namespace Jarvis.AppHost.Tests;

public sealed class LogLinesTests
{
    private const string At = "2026-11-27T20:54:04.6270000Z ";

    [Theory]
    [InlineData("warning", true)]
    [InlineData("error", true)]
    [InlineData("critical", true)]
    [InlineData("information", false)]
    public void Record_OfAService_IsUrgentByItsLevel(string level, bool isUrgent)
    {
        var line = LogLines.Read($$"""{{At}}{"level":"{{level}}","message":"The disk is full.","correlation_id":"demo-0001"}""", isError: false);

        Assert.Equal(isUrgent, line.IsUrgent);
        Assert.Equal($"{level}: The disk is full. [demo-0001]", line.Text);
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 20, 54, 4, 627, TimeSpan.Zero), line.At);
    }

    [Fact]
    public void Record_WithAnException_ShowsItsFirstLine()
    {
        var line = LogLines.Read("""{"level":"error","message":"It failed.","exception":"System.IO.IOException: No space.\n   at Somewhere"}""", isError: false);

        Assert.Equal("error: It failed. System.IO.IOException: No space.", line.Text);
    }

    [Theory]
    [InlineData("Unhandled exception.", true, true)]
    [InlineData("FATAL:  out of memory", false, false)]
    [InlineData("{ not json", true, true)]
    [InlineData("""{"level":5,"message":"no"}""", false, false)]
    [InlineData("", true, false)]
    public void Text_OfAnyProgram_IsUrgentWhenItIsAnError(string text, bool isError, bool isUrgent)
    {
        var line = LogLines.Read(At + text, isError);

        Assert.Equal(isUrgent, line.IsUrgent);
        Assert.Equal(text, line.Text);
    }

    [Fact]
    public void Text_WithoutEnd_IsCut() => Assert.True(LogLines.Read(new string('x', 10_000), isError: true).Text.Length < 1_000);
}
