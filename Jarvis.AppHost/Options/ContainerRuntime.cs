using System.ComponentModel;
using System.Diagnostics;

namespace Jarvis.AppHost.Options;

/// <summary>
/// Whether Postgres and Redis can be containers, that is, whether a container runtime answers. Asked before the model is built, since
/// Aspire stops when a container cannot be started.
/// </summary>
static class ContainerRuntime
{
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    public static bool CanBeUsed(IDistributedApplicationBuilder builder)
    {
        // What is published runs elsewhere.
        if (builder.ExecutionContext.IsPublishMode)
            return true;
        if (string.Equals(builder.Configuration["Embedded:Containers"], "false", StringComparison.OrdinalIgnoreCase))
            return false;
        // The names under which Aspire lets a user choose the runtime.
        var chosen = builder.Configuration["ASPIRE_CONTAINER_RUNTIME"] ?? builder.Configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"];
        string[] runtimes = chosen is { Length: > 0 } ? [chosen] : ["docker", "podman"];
        return runtimes.Any(Answers);
    }

    static bool Answers(string runtime)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(runtime, ["info"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
            if (process is null)
                return false;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (process.WaitForExit(AnswerWithin))
                return process.ExitCode == 0;
            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
