using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Processes;
using Jarvis.AppHost.Running;
using Jarvis.AppHost.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Jarvis.AppHost.Startup;

static class StartupExtensions
{
    public static Secrets AddStartup(this IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        var secrets = new Secrets();
        builder.Services.AddSingleton(secrets);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<DataDirectory>();
        builder.Services.AddSingleton<Provisioning>();
        builder.Services.AddSingleton<SignInLinks>();
        builder.Services.AddAppHostCalls();
        // Writing a manifest starts nothing.
        if (!builder.ExecutionContext.IsRunMode)
            return secrets;
        builder.Services.AddSingleton<ProcessLedger>();
        builder.Services.AddSingleton<PartLog>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ProcessLedger>());
        builder.Services.AddHostedService(services => services.GetRequiredService<PartLog>());
        builder.Services.AddHostedService<OrchestratorWatch>();
        builder.Services.AddHostedService<StopNotice>();
        // Stopped in the opposite order: the supervisor first, so that it starts nothing again.
        builder.Services.AddHostedService<ServicesFirst>();
        builder.Services.AddSingleton<Supervisor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Supervisor>());
        builder.Services.AddHostedService<StartupReport>();
        builder.Eventing.Subscribe<BeforeStartEvent>((start, cancellationToken) => start.Services.GetRequiredService<Provisioning>().RunAsync(cancellationToken));
        return secrets;
    }

    /// <summary>Runs until it is told to stop. The result is the exit code of the process.</summary>
    public static async Task<int> RunToEndAsync(this DistributedApplication application)
    {
        try
        {
            await application.RunAsync();
            // The orchestrator gives up waiting for what takes long to stop, on a busy machine sooner than it should.
            if (application.Services.GetService<ProcessLedger>() is { } ledger)
                await Remains.EndAsync([.. ledger.Running], CancellationToken.None);
            return Environment.ExitCode;
        }
        catch (StartupException failure)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            return failure.ExitCode;
        }
        finally
        {
            await application.DisposeAsync();
        }
    }
}
