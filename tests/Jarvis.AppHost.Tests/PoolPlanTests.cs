using Jarvis.AppHost.Data;
using Jarvis.AppHost.Databases;
using Jarvis.AppHost.Options;

namespace Jarvis.AppHost.Tests;

public sealed class PoolPlanTests
{
    // PostgreSQL's own superuser_reserved_connections.
    private const int ForSuperusers = 3;

    /// <summary>Each service with each number of replicas, and all of them with the same.</summary>
    public static TheoryData<int, int, int, int> Replicas
    {
        get
        {
            var data = new TheoryData<int, int, int, int>();
            for (var replicas = 1; replicas <= 16; replicas++)
            {
                data.Add(replicas, replicas, replicas, replicas);
                if (replicas == 1)
                    continue;
                data.Add(replicas, 1, 1, 1);
                data.Add(1, replicas, 1, 1);
                data.Add(1, 1, replicas, 1);
                data.Add(1, 1, 1, replicas);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Replicas))]
    public void OwnServer_TakesAllThatTheProcessesMayOpen(int catalog, int workflows, int telemetry, int gateway)
    {
        var options = Options(catalog, workflows, telemetry, gateway);
        var plan = PoolPlan.For(options);
        var processes = catalog + workflows + telemetry + gateway;

        Assert.Equal(processes, plan.Processes);
        Assert.InRange(plan.PoolSize, 5, 20);
        // The requests' pool and the one kept back, of each; the migrations' of each gateway; and room for people.
        var opened = (processes * (plan.PoolSize + PoolPlan.Reserved)) + (gateway * 2);
        Assert.True(plan.MaxConnections - ForSuperusers - opened >= 10, $"{plan} of {plan.MaxConnections}");
        Assert.InRange(plan.MaxConnections, 100, 700);
    }

    [Theory]
    [MemberData(nameof(Replicas))]
    public void ForeignServer_IsNeverAskedForMoreThanItTakes(int catalog, int workflows, int telemetry, int gateway)
    {
        var options = Options(catalog, workflows, telemetry, gateway);
        foreach (var available in (int[])[20, 97, 197, 497, 997])
        {
            if (PoolPlan.Within(options, available) is { } plan)
                Assert.True(plan.Sessions + 10 <= available && plan.PoolSize >= PoolPlan.SmallestPool, $"{plan} of {available}");
            else
                Assert.True(PoolPlan.Needed(options) > available, $"{available} would do");
        }
    }

    [Fact]
    public void OneOfEach_OnAnUsualServer_HasFullPools()
    {
        Assert.Equal(20, PoolPlan.For(Options(1, 1, 1, 1)).PoolSize);
        // 97 of PostgreSQL's default of 100 are for ordinary roles.
        Assert.InRange(PoolPlan.Within(Options(1, 1, 1, 1), 97)!.PoolSize, 15, 20);
        Assert.Equal(10, PoolPlan.Within(Options(2, 2, 1, 1), 97)!.PoolSize);
    }

    [Fact]
    public void ForeignServer_ThatIsTooSmall_IsRefusedWithWhatIsNeeded()
    {
        var refusal = Assert.Throws<StartupException>(() => ServerLimits.Fit(Options(16, 16, 16, 16), 97));

        Assert.Contains("97", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{PoolPlan.Needed(Options(16, 16, 16, 16))}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("max_connections", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Replicas:", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PoolSize_ThatTheUserGave_IsTakenOrRefusedButNotChanged()
    {
        var options = Options(1, 1, 1, 1) with { MaxPoolSize = 40 };

        Assert.Equal(40, PoolPlan.For(options).PoolSize);
        Assert.Equal(40, ServerLimits.Fit(options, 497).PoolSize);
        Assert.Contains("Postgres:MaxPoolSize=40", Assert.Throws<StartupException>(() => ServerLimits.Fit(options, 97)).Message,
            StringComparison.Ordinal);
    }

    private static AppHostOptions Options(int catalog, int workflows, int telemetry, int gateway) => new()
    {
        Libraries = [],
        Port = 1,
        DataDirectory = null,
        Catalog = new(catalog),
        Workflows = new(workflows),
        Telemetry = new(telemetry),
        GatewayService = new(gateway),
    };
}
