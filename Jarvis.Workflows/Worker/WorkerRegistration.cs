using Jarvis.ServiceDefaults.Data;
using Npgsql;

namespace Jarvis.Workflows.Worker;

public static class WorkerRegistration
{
    public static TBuilder AddWorker<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<WorkerOptions>().BindConfiguration("Worker").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RunningTasks>();
        builder.Services.AddSingleton<StopBudget>();
        builder.Services.AddSingleton(services => new LeaseDatabase(services.GetRequiredKeyedService<NpgsqlDataSource>(PostgresPools.Reserved)));
        builder.Services.AddSingleton<TaskClaims>();
        builder.Services.AddSingleton<ITaskLeases, TaskLeases>();
        builder.Services.AddSingleton<TaskRecorder>();
        builder.Services.AddSingleton<TaskRunner>();
        builder.Services.AddHostedService<QueueListener>();
        builder.Services.AddHostedService<LeaseReaper>();
        builder.Services.AddHostedService<TaskWorker>();
        return builder;
    }
}
