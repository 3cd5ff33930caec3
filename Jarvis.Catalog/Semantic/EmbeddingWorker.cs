using Jarvis.ServiceDefaults.Correlation;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Semantic;

/// <summary>Runs rounds as long as there is something to embed, looks for something new every second, and backs off from what fails.</summary>
public sealed partial class EmbeddingWorker(
    EmbeddingRound round, SemanticIndex index, EmbeddingState state, IOptions<EmbeddingOptions> options, TimeProvider time, ILogger<EmbeddingWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    /// <summary>Asking a provider may cost; asking one's own database does not.</summary>
    private static readonly TimeSpan LongestForPostgres = TimeSpan.FromSeconds(15);

    private readonly EmbeddingOptions _options = options.Value;
    private int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var host = _options.Address("").Host;
        LogBegins(_options.Provider, _options.Model, host);
        while (!stoppingToken.IsCancellationRequested)
            await Task.Delay(await RunAsync(stoppingToken), time, stoppingToken);
    }

    /// <summary>One round, and how long to wait before the next one.</summary>
    private async Task<TimeSpan> RunAsync(CancellationToken cancellationToken)
    {
        // A round is nobody's request: the provider and the logs get an ID of its own.
        using var correlation = CorrelationId.Use(CorrelationId.Create(time));
        try
        {
            var mayGoOn = await round.RunAsync(cancellationToken);
            _failures = 0;
            if (mayGoOn && index.Latest is { } view && view.Embedded == view.Total)
                LogEmbedded(view.Total);
            return mayGoOn ? TimeSpan.Zero : Idle;
        }
        catch (EmbeddingException failure)
        {
            return Failed($"The embedding provider fails: {failure.Message}.", failure.RetryAfter, exception: null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var isDatabase = exception is Npgsql.NpgsqlException or TimeoutException or IOException;
            var wait = Failed(isDatabase ? "Postgres does not answer; new vectors wait." : "Embedding failed; the log says more.", retryAfter: null, exception);
            return isDatabase && wait > LongestForPostgres ? LongestForPostgres : wait;
        }
    }

    private TimeSpan Failed(string reason, TimeSpan? retryAfter, Exception? exception)
    {
        state.Failed(reason);
        // Once until it works again: the endpoint says how it stands.
        if (_failures++ == 0)
            LogFailed(exception, reason);
        return retryAfter is { } wait && wait > TimeSpan.Zero
            ? TimeSpan.FromSeconds(Math.Min(wait.TotalSeconds, _options.MaxDelaySeconds))
            : EmbeddingPipeline.Backoff(_options, _failures, Random.Shared.NextDouble());
    }

    [LoggerMessage(EventId = 160, Level = LogLevel.Information, Message = "Semantic search by {Provider} model {Model}: the beginning of each resource's text is sent to {Host}")]
    private partial void LogBegins(string provider, string model, string host);

    [LoggerMessage(EventId = 161, Level = LogLevel.Information, Message = "All {Total} resources are embedded")]
    private partial void LogEmbedded(int total);

    [LoggerMessage(EventId = 162, Level = LogLevel.Warning, Message = "{Reason} It is tried again, less and less often")]
    private partial void LogFailed(Exception? exception, string reason);
}
