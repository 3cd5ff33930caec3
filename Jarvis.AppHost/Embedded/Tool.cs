using System.ComponentModel;
using System.Diagnostics;
using Jarvis.AppHost.Data;

namespace Jarvis.AppHost.Embedded;

/// <summary>What a finished tool said. <see cref="Found"/> is false when there is no such program.</summary>
sealed record ToolResult(bool Found, int ExitCode, string Output, string Error)
{
    public bool Succeeded => Found && ExitCode == 0;

    /// <summary>The end of what it complained about, on one line.</summary>
    public string Complaint => string.Join(" ", $"{Error}\n{Output}".Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).TakeLast(6));
}

/// <summary>Runs a program to its end, within a time, and takes it down when nobody waits for it any more.</summary>
static class Tool
{
    /// <summary>Waits for its end.</summary>
    /// <param name="environment">All that it gets of an environment; else it inherits this process'.</param>
    public static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan within,
        CancellationToken cancellationToken, string? input = null, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        using var process = Start(start);
        if (process is null)
            return new ToolResult(Found: false, ExitCode: -1, "", $"{program}: not found");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
            return new ToolResult(Found: true, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new StartupException($"{Path.GetFileName(program)} did not end within {within.TotalSeconds:0} s.");
        }
        catch (IOException error)
        {
            await process.WaitForExitAsync(deadline.Token);
            return new ToolResult(Found: true, process.ExitCode, "", error.Message);
        }
    }

    /// <summary>The full path of a program on PATH, or null.</summary>
    public static string? Find(string program)
    {
        var names = OperatingSystem.IsWindows() ? [$"{program}.exe", $"{program}.cmd"] : (string[])[program];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }

    static Process? Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
