using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Metrics;
using Jarvis.Telemetry.Quotas;
using Jarvis.Telemetry.Retention;
using Jarvis.Telemetry.Traces;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>What one replica of the telemetry service has of the database, with a clock that the test sets; several may share a database.</summary>
internal sealed class TelemetryStore : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    public TelemetryStore(TestDatabase database, QuotaOptions? quotas = null, int retentionDays = 14)
    {
        _source = NpgsqlDataSource.Create(database.ConnectionString);
        var retention = Options.Create(new RetentionOptions { Days = retentionDays, BatchRows = 2 });
        Window = new(retention, Clock);
        Quota = new(_source, Options.Create(quotas ?? new()), Clock);
        Partitions = new(_source, Window);
        Metrics = new(_source, Partitions, Quota, Options.Create(quotas ?? new()));
        Pruner = new(_source, Partitions, Window, retention, Clock);
        Traces = new(_source);
    }

    public NpgsqlDataSource Source => _source;

    public SetClock Clock { get; } = new();

    public RetentionWindow Window { get; }

    public AccountQuota Quota { get; }

    public PointPartitions Partitions { get; }

    public MetricStore Metrics { get; }

    public MetricPruner Pruner { get; }

    public TraceQueries Traces { get; }

    /// <summary>Applies the service's own migrations.</summary>
    public static async Task MigrateAsync(TestDatabase database)
    {
        using var runner = new MigrationRunner(database.Source, new("telemetry", typeof(MetricStore).Assembly), TimeProvider.System, NullLogger<MigrationRunner>.Instance);
        await runner.StartAsync(CancellationToken.None);
        await runner.Applied.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public static Caller Account() => new(
        CallerKind.ApiKey, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), Guid.Empty, null, [Scopes.TelemetryWrite], DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    public Task AddAsync(string name, params (DateTimeOffset At, double Value)[] points) =>
        Metrics.AddAsync([.. points.Select(point => new MetricPoint(name, point.At, point.Value, null))], Caller.Service, CancellationToken.None);

    /// <summary>One round of what the service does with partitions and names.</summary>
    public async Task PruneAsync()
    {
        await Pruner.PrepareAsync(CancellationToken.None);
        await Pruner.DropAsync(CancellationToken.None);
        await Pruner.DeleteNamesAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    internal sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
