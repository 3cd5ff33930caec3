using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Jarvis.AppHost.Processes;

/// <summary>One process of this Jarvis. Process ids are given out again: the start time tells whether it is still the same one.</summary>
sealed record LedgerEntry(string Resource, int ProcessId, DateTime StartedAt)
{
    public const string FileName = "processes.json";

    // What the system reports for one process differs by the rounding of its clock.
    static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    public static LedgerEntry? Of(string resource, int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return new LedgerEntry(resource, processId, process.StartTime.ToUniversalTime());
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Whether it is a process of this part: the orchestrator adds its own ending to the name.</summary>
    public bool IsOf(string part) => Resource.StartsWith(part, StringComparison.Ordinal) && (Resource.Length == part.Length
        || Resource[part.Length] == '-');

    [JsonIgnore]
    public bool IsRunning
    {
        get
        {
            using var process = Find();
            return process is not null;
        }
    }

    /// <summary>The process, when it still runs; the caller disposes of it.</summary>
    public Process? Find()
    {
        try
        {
            var process = Process.GetProcessById(ProcessId);
            if (!process.HasExited && (process.StartTime.ToUniversalTime() - StartedAt).Duration() < Tolerance)
                return process;
            process.Dispose();
            return null;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>What an earlier run on this folder has written down, or nothing.</summary>
    public static IReadOnlyList<LedgerEntry> ReadAll(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<LedgerEntry[]>(File.ReadAllText(Path.Combine(folder, FileName))) ?? [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}
