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
        var connection = builder.Configuration.GetConnectionString(PostgresSchemaExtensions.ConnectionName);
        builder.Services.AddKeyedSingleton(LeaseDatabase.Key, (_, _) => LeaseDatabase.Create(connection, builder.Environment.ApplicationName));
        builder.Services.AddSingleton(services => new LeaseDatabase(services.GetRequiredKeyedService<NpgsqlDataSource>(LeaseDatabase.Key)));
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
