using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.Tests.Tasks;

public sealed class TaskCursorTests
{
    [Fact]
    public void Cursor_WrittenAndRead_IsTheSame()
    {
        var now = TimeProvider.System.GetUtcNow();
        var cursor = new TaskCursor(now, Guid.CreateVersion7(now));
        Assert.True(TaskCursor.TryParse(cursor.ToString(), out var read));
        Assert.Equal(cursor, read);
        Assert.DoesNotContain(cursor.ToString(), character => character is '+' or '/' or '=');
    }

    [Theory]
    [InlineData("")]
    [InlineData("zz")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("________________________________")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void TryParse_OfSomethingElse_IsFalse(string text) => Assert.False(TaskCursor.TryParse(text, out _));
}
