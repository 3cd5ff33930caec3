using System.Net.Sockets;
using Jarvis.ServiceDefaults.Data;
using Jarvis.Telemetry.Host;
using Jarvis.Telemetry.Metrics;
using Jarvis.Telemetry.Quotas;
using Jarvis.Telemetry.Retention;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Telemetry.Tests.Retention;

public sealed class PrunerTests : IAsyncDisposable
{
    private readonly NpgsqlDataSource _nowhere = NpgsqlDataSource.Create("Host=no-such-host.invalid;Username=nobody;Timeout=5");

    [Fact]
    public async Task Prune_WithARuleThatFails_TakesTheOthersAndSaysItOnce()
    {
        // Npgsql lets what the resolution of a name throws through as it is.
        Exception? fault = new SocketException((int)SocketError.HostNotFound);
        var (before, after) = (0, 0);
        var log = new Lines<Pruner>();
        using var pruner = Pruner(log,
            new("before", _ => Task.FromResult<long>(before++)), new("bad", _ => fault is null ? Task.FromResult(0L) : throw fault), new("after", _ => Task.FromResult<long>(after++)));

        for (var round = 0; round < 3; round++)
            await pruner.PruneAsync(default);
        fault = null;
        await pruner.PruneAsync(default);
        fault = new InvalidOperationException("something else");
        await pruner.PruneAsync(default);

        Assert.Equal((5, 5), (before, after));
        Assert.Equal(2, log.Warnings);
    }

    [Fact]
    public async Task Prune_ThatIsStopped_Ends()
    {
        using var stopping = new CancellationTokenSource();
        using var pruner = Pruner(new Lines<Pruner>(), new PruneRule("slow", async token =>
        {
            await stopping.CancelAsync();
            token.ThrowIfCancellationRequested();
            return 0;
        }));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pruner.PruneAsync(stopping.Token));
    }

    [Fact]
    public async Task Sampler_WithADatabaseWhoseNameIsNotResolved_GoesOn()
    {
        var retention = new RetentionWindow(Options.Create(new RetentionOptions()), TimeProvider.System);
        var quotas = Options.Create(new QuotaOptions());
        var store = new MetricStore(_nowhere, new PointPartitions(_nowhere, retention), new AccountQuota(_nowhere, quotas, TimeProvider.System), quotas);
        using var migrations = Migrations();
        var log = new Lines<HostSampler>();
        using var sampler = new HostSampler(_nowhere, migrations, store, Options.Create(new HostSamplingOptions()), TimeProvider.System, log);

        await sampler.SampleAsync([], default);
        await sampler.SampleAsync([], default);

        Assert.Equal(1, log.Warnings);
    }

    public ValueTask DisposeAsync() => _nowhere.DisposeAsync();

    private Pruner Pruner(ILogger<Pruner> log, params PruneRule[] rules) =>
        new(rules, Migrations(), Options.Create(new RetentionOptions()), TimeProvider.System, log);

    private MigrationRunner Migrations() =>
        new(_nowhere, new PostgresSchema("telemetry", typeof(Pruner).Assembly), TimeProvider.System, NullLogger<MigrationRunner>.Instance);

    private sealed class Lines<T> : ILogger<T>
    {
        public int Warnings { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Warnings += logLevel == LogLevel.Warning ? 1 : 0;
    }
}
