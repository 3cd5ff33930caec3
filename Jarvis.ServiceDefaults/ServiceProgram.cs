using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults;

/// <summary>Runs a service to its end, and says in one line for each wrong option why it cannot.</summary>
public static class ServiceProgram
{
    /// <summary>The exit code of a process that cannot run with its configuration (EX_CONFIG of sysexits.h); starting it again would not help.</summary>
    public const int ConfigurationExitCode = 78;

    /// <summary>Builds the service, checks all options that are checked on start, and runs it.</summary>
    /// <returns>The exit code of the process.</returns>
    public static async Task<int> RunAsync(string[] args, Func<string[], WebApplication> create)
    {
        try
        {
            await using var app = create(args);
            // Asked before the host starts: it would log the same with a stack trace.
            app.Services.GetService<IStartupValidator>()?.Validate();
            await app.RunAsync();
            return Environment.ExitCode;
        }
        catch (Exception exception) when (Reasons(exception) is { Count: > 0 } reasons)
        {
            foreach (var reason in reasons)
                await Console.Error.WriteLineAsync($"error: {reason}");
            return ConfigurationExitCode;
        }
    }

    private static IReadOnlyList<string> Reasons(Exception exception) => exception switch
    {
        OptionsValidationException validation => [.. validation.Failures],
        AggregateException aggregate => [.. aggregate.InnerExceptions.SelectMany(Reasons)],
        // What the configuration binder throws for text that is no number, and the like; its message names the key.
        InvalidOperationException { InnerException: not null, TargetSite.DeclaringType.FullName: "Microsoft.Extensions.Configuration.ConfigurationBinder" } binding => [binding.Message],
        _ => [],
    };
}
