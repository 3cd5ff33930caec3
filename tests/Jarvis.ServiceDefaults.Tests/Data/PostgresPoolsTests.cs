using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.ServiceDefaults.Tests.Data;

public sealed class PostgresPoolsTests
{
    private const string Own = "Host=127.0.0.1;Port=1;Username=service;Password=x;Maximum Pool Size=90";

    [Fact]
    public void Pools_OfAService_HaveTheSizesThatItIsGiven()
    {
        using var host = Build("--Postgres:MaxPoolSize=7", "--Postgres:ReservedPoolSize=3");

        Assert.Equal(7, Connection(host.Services.GetRequiredService<NpgsqlDataSource>()).MaxPoolSize);
        Assert.Equal(3, Connection(host.Services.GetRequiredKeyedService<NpgsqlDataSource>(PostgresPools.Reserved)).MaxPoolSize);
    }

    [Fact]
    public void Pools_OfAServiceThatNobodyCounts_HaveTheDefaults()
    {
        using var host = Build();

        Assert.Equal(20, Connection(host.Services.GetRequiredService<NpgsqlDataSource>()).MaxPoolSize);
        Assert.Equal(4, Connection(host.Services.GetRequiredKeyedService<NpgsqlDataSource>(PostgresPools.Reserved)).MaxPoolSize);
    }

    [Theory]
    [InlineData("--Postgres:MaxPoolSize=0")]
    [InlineData("--Postgres:ReservedPoolSize=1")]
    [InlineData("--Shutdown:Seconds=0")]
    public void Size_ThatMakesNoSense_IsRefusedAtStart(string argument)
    {
        var refusal = Assert.ThrowsAny<Exception>(() =>
        {
            using var host = Build(argument);
            host.Services.GetRequiredService<IStartupValidator>().Validate();
        });

        Assert.Contains(argument.Split(':')[1].Split('=')[0], refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Owner_WhereItIsAnotherRole_HasAPoolOfItsOwn()
    {
        using var host = Build("--ConnectionStrings:jarvisdb_owner=Host=127.0.0.1;Port=2;Username=owner;Password=x");
        var owner = host.Services.GetRequiredKeyedService<NpgsqlDataSource>("owner");

        Assert.Equal("owner", Connection(owner).Username);
        Assert.Equal(2, Connection(owner).MaxPoolSize);
        Assert.Equal("service", Connection(host.Services.GetRequiredService<NpgsqlDataSource>()).Username);
        Assert.NotNull(host.Services.GetRequiredService<MigrationRunner>());
    }

    [Fact]
    public void Shutdown_OfAProcess_TakesAsLongAsItIsGiven()
    {
        using var host = Build("--Shutdown:Seconds=5");

        Assert.Equal(TimeSpan.FromSeconds(5), host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    private static NpgsqlConnectionStringBuilder Connection(NpgsqlDataSource source) => new(source.ConnectionString);

    private static IHost Build(params string[] arguments)
    {
        var builder = Host.CreateApplicationBuilder(
            [$"--ConnectionStrings:jarvisdb={Own}", "--Security:ServiceKey=key-of-a-test", .. arguments]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddPostgresSchema("sample");
        return builder.Build();
    }
}
