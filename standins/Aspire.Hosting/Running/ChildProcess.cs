using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>One process of a resource, with its output pumped line by line.</summary>
sealed class ChildProcess : IDisposable
{
    static readonly string? SetSid = OperatingSystem.IsWindows() ? null : (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "setsid")).FirstOrDefault(File.Exists);

    // What `dotnet run` and Visual Studio set for the AppHost itself must not reach what it starts.
    static readonly string[] NotInherited = ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"];

    readonly Process _process;

    ChildProcess(Process process, Action<string, bool> line)
    {
        _process = process;
        Exited = EndAsync(PumpAsync(process.StandardOutput, text => line(text, false)), PumpAsync(process.StandardError, text => line(text, true)));
    }

    public int Id => _process.Id;

    /// <summary>Completes with the exit code when the process has ended and its last line was read.</summary>
    public Task<int> Exited { get; }

    public static ChildProcess Start(string command, IEnumerable<string> arguments, string workingDirectory, IReadOnlyDictionary<string, string> environment, Action<string, bool> line)
    {
        // A session of its own, so that the terminal's Ctrl+C reaches only the AppHost, which then ends the processes in order.
        var start = new ProcessStartInfo(SetSid ?? command, SetSid is null ? arguments : arguments.Prepend(command))
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (OperatingSystem.IsWindows())
            start.CreateNewProcessGroup = true;
        foreach (var name in start.Environment.Keys.Where(name => NotInherited.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("ASPIRE_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start.");
        process.StandardInput.Close();
        return new ChildProcess(process, line);
    }

    public Task StopAsync(TimeSpan grace) => ProcessSignals.EndAsync(_process, grace, EndsWithinAsync);

    public void Dispose() => _process.Dispose();

    async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        await Task.WhenAny(Exited, Task.Delay(time));
        return Exited.IsCompleted;
    }

    async Task<int> EndAsync(params Task[] output)
    {
        await _process.WaitForExitAsync();
        // A grandchild may hold the pipes open for ever.
        await Task.WhenAny(Task.WhenAll(output), Task.Delay(TimeSpan.FromMilliseconds(500)));
        return _process.ExitCode;
    }

    static async Task PumpAsync(StreamReader reader, Action<string> line)
    {
        while (await reader.ReadLineAsync() is { } text)
            line(text);
    }
}
