namespace Jarvis.Telemetry.Retention;

public static class RetentionExtensions
{
    public static TBuilder AddRetention<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<RetentionOptions>().BindConfiguration("Retention").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RetentionWindow>();
        builder.Services.AddSingleton<RowPruner>();
        builder.Services.AddRule<RowPruner>("spans", pruner => pruner.SpansAsync);
        builder.Services.AddRule<RowPruner>("traces", pruner => pruner.TracesAsync);
        builder.Services.AddRule<RowPruner>("hosts", pruner => pruner.HostsAsync);
        builder.Services.AddRule<RowPruner>("counts of accounts", pruner => pruner.UsesAsync);
        builder.Services.AddHostedService<Pruner>();
        return builder;
    }

    /// <summary>Adds what <see cref="Pruner"/> does in each round.</summary>
    internal static IServiceCollection AddRule<TPruner>(this IServiceCollection services, string name, Func<TPruner, Func<CancellationToken, Task<long>>> prune)
        where TPruner : class =>
        services.AddSingleton(provider => new PruneRule(name, prune(provider.GetRequiredService<TPruner>())));
}
