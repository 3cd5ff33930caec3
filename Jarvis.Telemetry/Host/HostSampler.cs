using System.Text.Json;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Metrics;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Telemetry.Host;

/// <summary>
/// Writes <c>host.*</c> metric points. Of several replicas on a host one samples: it holds a lease in Postgres that another takes over when
/// it is not renewed. A sample that cannot be written is skipped; the next one comes soon.
/// </summary>
internal sealed partial class HostSampler(
    NpgsqlDataSource database, MigrationRunner migrations, MetricStore store, IOptions<HostSamplingOptions> options, TimeProvider time, ILogger<HostSampler> logger)
    : BackgroundService
{
    private const string TakeLease =
        """
        INSERT INTO telemetry.host_sampler AS l (host, holder, lease_until) VALUES ($1, $2, now() + $3)
        ON CONFLICT (host) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until WHERE l.holder = excluded.holder OR l.lease_until < now()
        """;

    private readonly Guid _holder = Guid.CreateVersion7(time.GetUtcNow());
    private readonly HostReader _reader = new(options.Value.DiskPath);
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;
        using var suppressed = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        var tags = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(StringComparer.Ordinal) { ["host"] = options.Value.HostName });
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.IntervalSeconds), time);
        do
            await SampleAsync(tags, stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Takes a sample and stores it, or says once that it cannot be stored.</summary>
    internal async Task SampleAsync(byte[] tags, CancellationToken cancellationToken)
    {
        try
        {
            var values = _reader.Read();
            if (values.Count > 0 && await HoldsLeaseAsync(cancellationToken))
                await store.AddAsync([.. values.Select(value => new MetricPoint(value.Name, time.GetUtcNow(), value.Value, tags))], Caller.Service, cancellationToken);
            _failing = false;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, a name that was not resolved for a moment among it: a sample is not worth the process.
            if (!_failing)
                LogFailed(exception);
            _failing = true;
        }
    }

    private async Task<bool> HoldsLeaseAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(TakeLease);
        command.Parameters.Add(new() { Value = options.Value.HostName });
        command.Parameters.Add(new() { Value = _holder });
        command.Parameters.Add(new() { Value = TimeSpan.FromSeconds(options.Value.IntervalSeconds * 2.5) });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    [LoggerMessage(EventId = 120, Level = LogLevel.Warning, Message = "A sample of the host could not be stored. Said once until one is")]
    private partial void LogFailed(Exception exception);
}

public static class HostSamplingExtensions
{
    public static TBuilder AddHostSampling<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<HostSamplingOptions>().BindConfiguration("HostSampling").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<HostSampler>();
        return builder;
    }
}
