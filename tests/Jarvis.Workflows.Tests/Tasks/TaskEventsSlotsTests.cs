using Jarvis.Workflows.Tasks;
using Microsoft.Extensions.Options;

namespace Jarvis.Workflows.Tests.Tasks;

public sealed class TaskEventsSlotsTests
{
    private static readonly Guid One = Guid.Parse("11111111-1111-7111-8111-111111111111");
    private static readonly Guid Other = Guid.Parse("22222222-2222-7222-8222-222222222222");

    [Fact]
    public void LastStreams_AreForAccountsThatHaveNone()
    {
        var slots = new TaskEventsSlots(Options.Create(new TaskEventsOptions { MaxStreams = 10, MaxStreamsPerUser = 10 }));
        var taken = Enumerable.Range(0, 9).Select(_ => slots.TryTake(One)).ToArray();
        Assert.All(taken, Assert.NotNull);
        Assert.Null(slots.TryTake(One));
        using var own = slots.TryTake(Other);
        Assert.NotNull(own);
        Assert.Null(slots.TryTake(Guid.Empty));
        taken[0]!.Dispose();
        taken[1]!.Dispose();
        using var again = slots.TryTake(One);
        Assert.NotNull(again);
    }

    [Fact]
    public void Accounts_ByTheTen_DoNotTakeAllStreams()
    {
        var options = new TaskEventsOptions();
        Assert.True(options.MaxStreamsPerUser * 10 < options.MaxStreams - (options.MaxStreams / 10));
    }
}
