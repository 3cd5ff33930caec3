using Jarvis.ServiceDefaults.Errors;
using Npgsql;

namespace Jarvis.ServiceDefaults.Tests;

public sealed class FaultsTests
{
    [Theory]
    [InlineData("3F000", 503)]
    [InlineData("42P01", 503)]
    [InlineData("42703", 503)]
    [InlineData("42P10", 503)]
    [InlineData("57P03", 503)]
    [InlineData("53300", 503)]
    [InlineData("42601", 500)]
    [InlineData("22021", 500)]
    public void FaultOfPostgres_ThatMigrationsOrTimeMend_AsksToTryAgain(string state, int status) =>
        Assert.Equal(status, Faults.Of(new PostgresException("of the test", "ERROR", "ERROR", state)).Status);
}
