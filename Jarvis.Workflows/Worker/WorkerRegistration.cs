namespace Jarvis.Workflows.Worker;

public static class WorkerRegistration
{
    public static TBuilder AddWorker<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<WorkerOptions>().BindConfiguration("Worker").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RunningTasks>();
        builder.Services.AddSingleton<TaskLeases>();
        builder.Services.AddSingleton<TaskRunner>();
        builder.Services.AddHostedService<QueueListener>();
        builder.Services.AddHostedService<LeaseReaper>();
        builder.Services.AddHostedService<TaskWorker>();
        return builder;
    }
}
