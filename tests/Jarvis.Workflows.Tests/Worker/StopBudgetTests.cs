using Jarvis.Workflows.Worker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Jarvis.Workflows.Tests.Worker;

public sealed class StopBudgetTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(4, 5)]
    [InlineData(5, 60)]
    [InlineData(10, 5)]
    [InlineData(30, 5)]
    [InlineData(30, 60)]
    public void Budget_OfAnyStop_LeavesTimeToWriteAndAFifthForTheRest(int shutdown, int drain)
    {
        var budget = Of(shutdown, drain);
        Assert.True(budget.LastWords > TimeSpan.Zero);
        Assert.True(budget.Drain <= TimeSpan.FromSeconds(drain));
        Assert.True(budget.Drain + budget.LastWords <= TimeSpan.FromSeconds(shutdown) * 0.8);
    }

    [Fact]
    public void Budget_WithTimeEnough_IsWhatIsConfigured() =>
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3)), (Of(30, 5).Drain, Of(30, 5).LastWords));

    private static StopBudget Of(int shutdown, int drain) => new(
        Options.Create(new HostOptions { ShutdownTimeout = TimeSpan.FromSeconds(shutdown) }), Options.Create(new WorkerOptions { DrainSeconds = drain }));
}
