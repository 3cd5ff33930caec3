using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Jarvis.AppHost.Processes;

/// <summary>User ids, as Unix has them.</summary>
static partial class UserId
{
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    /// <summary>Of this process.</summary>
    public static int Own => OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : (int)EffectiveUserId();

    /// <summary>
    /// Of the owner of a file or folder, not of what a link leads to. Null when there is none, or when it cannot be found out.
    /// </summary>
    public static int? Owner(string path)
    {
        if (OperatingSystem.IsWindows())
            return null;
        // .NET knows a file's mode and not its owner; the program is on every Unix.
        string[] format = OperatingSystem.IsLinux() ? ["-c", "%u"] : ["-f", "%u"];
        var start = new ProcessStartInfo("stat", [.. format, "--", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false
        };
        try
        {
            using var stat = Process.Start(start);
            if (stat is null)
                return null;
            var text = stat.StandardOutput.ReadToEnd();
            return stat.WaitForExit(AnswerWithin) && stat.ExitCode == 0 && int.TryParse(text.Trim(), NumberStyles.None,
                CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint EffectiveUserId();
}
