using System.Text;

namespace Jarvis.AppHost.Data;

/// <summary>
/// Files and folders that only their owner reads, whatever was there before: a mode that is asked for at creation says nothing about what
/// exists.
/// </summary>
static class PrivateFiles
{
    const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    /// <summary>Others may pass through to what they may read, and not look around.</summary>
    public const UnixFileMode Passage = OwnersFolder | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Makes the folder, or takes over the one that is there.</summary>
    public static string Folder(string path)
    {
        if (OperatingSystem.IsWindows())
            return Directory.CreateDirectory(path).FullName;
        var folder = Directory.CreateDirectory(path, OwnersFolder).FullName;
        Protect(folder);
        return folder;
    }

    /// <summary>0700 for a folder, 0600 for a file.</summary>
    public static void Protect(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, Directory.Exists(path) ? OwnersFolder : OwnersFile);
    }

    /// <summary>The trimmed text of a file that is there, which is private from then on; else null.</summary>
    public static string? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        Protect(path);
        return File.ReadAllText(path).Trim();
    }

    /// <summary>Whole or not at all, and never readable by others for a moment: it is written beside its place and moved there.</summary>
    public static void Write(string path, string text)
    {
        var unfinished = $"{path}.new";
        File.Delete(unfinished);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnersFile;
        using (var file = new FileStream(unfinished, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
        Protect(path);
    }
}
