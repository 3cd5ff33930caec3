using Jarvis.Workflows.Worker;

namespace Jarvis.Workflows.Tests.Worker;

public sealed class DisturbanceTests
{
    [Fact]
    public void Disturbance_ThatLasts_IsToldAtItsBeginningAndItsEnd()
    {
        var disturbance = new Disturbance();
        Assert.False(disturbance.Ends());
        Assert.Equal((true, false, false), (disturbance.Begins(), disturbance.Begins(), disturbance.Begins()));
        Assert.Equal((true, false), (disturbance.Ends(), disturbance.Ends()));
        Assert.True(disturbance.Begins());
    }
}
