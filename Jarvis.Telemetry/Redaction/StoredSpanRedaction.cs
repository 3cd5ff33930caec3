using Jarvis.ServiceDefaults.Data;
using OpenTelemetry;

namespace Jarvis.Telemetry.Redaction;

/// <summary>
/// Goes once through the spans that were stored before secrets were taken out of them, beside everything else that the service does.
/// </summary>
internal sealed partial class StoredSpanRedaction(StoredSpans stored, MigrationRunner migrations, TimeProvider time, ILogger<StoredSpanRedaction> logger) : BackgroundService
{
    // Others use the database meanwhile.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        var (spans, failing) = (0L, false);
        while (true)
        {
            try
            {
                var step = await stored.StepAsync(stoppingToken);
                (spans, failing) = (spans + step.Spans, false);
                if (step.Keys.Count > 0)
                    LogKeys(string.Join(", ", step.Keys));
                if (step.Next is NextStep.None)
                    break;
                await Task.Delay(step.Next is NextStep.More ? Pause : Retry, time, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failing)
                    LogFailed(exception);
                failing = true;
                await Task.Delay(Retry, time, stoppingToken);
            }
        }
        if (spans > 0)
            LogDone(spans);
    }

    [LoggerMessage(EventId = 130, Level = LogLevel.Warning, Message = "API keys stood in stored spans, where every viewer could read them; revoke those that begin with: {Prefixes}")]
    private partial void LogKeys(string prefixes);

    [LoggerMessage(EventId = 131, Level = LogLevel.Warning, Message = "Stored spans could not be redacted; tried again until it is done. Said once until a step succeeds")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 132, Level = LogLevel.Information, Message = "Took what may not be recorded out of {Spans} stored spans")]
    private partial void LogDone(long spans);
}

public static class StoredSpanRedactionExtensions
{
    public static TBuilder AddStoredSpanRedaction<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddSingleton<StoredSpans>();
        builder.Services.AddHostedService<StoredSpanRedaction>();
        return builder;
    }
}
