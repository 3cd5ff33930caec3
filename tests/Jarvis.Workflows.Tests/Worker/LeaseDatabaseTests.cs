using Jarvis.ServiceDefaults.Data;
using Jarvis.Workflows.Worker;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Jarvis.Workflows.Tests.Worker;

public sealed class LeaseDatabaseTests(WorkflowsHost host) : IClassFixture<WorkflowsHost>
{
    [Fact]
    public void Leases_HaveTheSessionsThatRequestsCannotTake()
    {
        var leases = host.Services.GetRequiredService<LeaseDatabase>().Source;
        Assert.Same(host.Services.GetRequiredKeyedService<NpgsqlDataSource>(PostgresPools.Reserved), leases);
        Assert.NotSame(host.Services.GetRequiredService<NpgsqlDataSource>(), leases);
    }
}
