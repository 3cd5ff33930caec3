using System.ComponentModel;
using System.Diagnostics;
using Jarvis.AppHost.Processes;

namespace Jarvis.AppHost.Data;

/// <summary>Deletes folders of Jarvis' own in places where everybody may make folders.</summary>
static class FolderDeletion
{
    /// <summary>Whether a folder is one, not a link to one, and this user's.</summary>
    public static bool IsOwn(string folder)
    {
        var info = new DirectoryInfo(folder);
        if (!info.Exists || info.LinkTarget is not null || info.Attributes.HasFlag(FileAttributes.ReparsePoint))
            return false;
        return OperatingSystem.IsWindows() || UserId.Owner(folder) == UserId.Own;
    }

    /// <summary>Links are deleted and never followed.</summary>
    /// <exception cref="IOException">Something is left.</exception>
    public static void Delete(string folder)
    {
        if (!IsOwn(folder))
            throw new IOException($"{folder} is a link, or another user's.");
        // A part of it may belong to the account of PostgreSQL, which could put a link in the place of a folder that is just being
        // entered. Deletion by path would follow it; rm does not.
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess || !TryRemove(folder))
            Directory.Delete(folder, recursive: true);
    }

    static bool TryRemove(string folder)
    {
        try
        {
            using var remove = Process.Start(new ProcessStartInfo("rm", ["-rf", "--", folder])
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            });
            if (remove is null)
                return false;
            var complaint = remove.StandardError.ReadToEnd();
            remove.WaitForExit();
            return remove.ExitCode == 0 ? true : throw new IOException(complaint.Trim());
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
