using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>The AppHost as a user starts it: a process of its own, with its output and its exit code.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppHostProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public string Output => string.Join('\n', _lines);

    public static AppHostProcess Start(params string[] args)
    {
        var configuration = typeof(AppHostProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var assembly = Path.Combine(Projects.Jarvis_AppHost.ProjectPath, "bin", configuration, "net10.0", "Jarvis.AppHost.dll");
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [assembly, .. args])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Projects.Jarvis_AppHost.ProjectPath,
                Environment = { ["DOTNET_ENVIRONMENT"] = "Development", ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true" },
            },
        };
        var host = new AppHostProcess(process);
        process.OutputDataReceived += (_, line) => host.Take(line.Data);
        process.ErrorDataReceived += (_, line) => host.Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return host;
    }

    /// <summary>Waits for the table that ends a start.</summary>
    public async Task ReadyAsync(TimeSpan limit)
    {
        var first = await Task.WhenAny(_ready.Task, _process.WaitForExitAsync(), Task.Delay(limit));
        Assert.True(first == _ready.Task, $"The AppHost did not get ready within {limit.TotalSeconds} s:\n{Output}");
    }

    /// <summary>Waits for a line with this text.</summary>
    public async Task SaysAsync(string text, TimeSpan limit)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited.TryAdd(text, said);
        if (Output.Contains(text, StringComparison.Ordinal))
            said.TrySetResult();
        var first = await Task.WhenAny(said.Task, _process.WaitForExitAsync(), Task.Delay(limit));
        Assert.True(first == said.Task, $"The AppHost did not say '{text}' within {limit.TotalSeconds} s:\n{Output}");
    }

    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The AppHost did not end within {limit.TotalSeconds} s:\n{Output}");
        }
        return _process.ExitCode;
    }

    /// <summary>As <c>kill -9</c>: its children are left alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
    }

    /// <summary>As Ctrl+C; as <c>kill</c> when these tests run in the background of a shell, where SIGINT is ignored by all that is started.</summary>
    public void Interrupt() => Process.Start("kill", [IgnoresInterrupt() ? "-TERM" : "-INT", Id.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();

    private bool IgnoresInterrupt()
    {
        const string Field = "SigIgn:";
        const ulong Interrupt = 1UL << 1;
        var status = $"/proc/{Id}/status";
        return File.Exists(status) && File.ReadLines(status).FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal)) is { } line
            && (ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Interrupt) != 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Interrupt();
            await ExitAsync(TimeSpan.FromSeconds(20));
        }
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        if (line.Contains("(ready in ", StringComparison.Ordinal))
            _ready.TrySetResult();
        foreach (var (text, said) in _awaited)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                said.TrySetResult();
        }
    }
}
