namespace Jarvis.Telemetry.Ingestion;

public static class IngestionExtensions
{
    public static TBuilder AddIngestion<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<IngestionOptions>().BindConfiguration("Ingestion").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ReadSlots>();
        builder.Services.AddSingleton<ISpanSink, PostgresSpanSink>();
        builder.Services.AddSingleton<SpanWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SpanWriter>());
        builder.Services.AddHealthChecks().AddCheck<WriterCheck>("writer");
        return builder;
    }
}
