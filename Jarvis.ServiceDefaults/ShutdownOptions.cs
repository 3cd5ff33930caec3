using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults;

/// <summary>
/// How long a process has between being told to stop and being killed; section <c>Shutdown</c>. Whoever runs the process sets it, as the
/// AppHost does.
/// </summary>
public sealed record ShutdownOptions
{
    /// <summary>
    /// Seconds; it becomes the host's <c>ShutdownTimeout</c>, in which requests, tasks and last writes have to end. Kubernetes gives 30
    /// by default.
    /// </summary>
    [Range(1, 600)]
    public double Seconds { get; init; } = 25;
}

internal static class ShutdownRegistration
{
    public static void AddShutdown(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ShutdownOptions>().BindConfiguration("Shutdown").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<ShutdownOptions>>((host, shutdown) => host.ShutdownTimeout = TimeSpan.FromSeconds(shutdown.Value.Seconds));
    }
}
