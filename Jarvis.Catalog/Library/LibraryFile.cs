using Microsoft.Win32.SafeHandles;

namespace Jarvis.Catalog.Library;

/// <summary>A path that leads over a link, or to what is no regular file; it was not read.</summary>
public sealed class NotRegularFileException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>
/// Opens files of a library so that what is opened lies in it: no link is followed, neither at the end of the path nor in a folder above, whatever changed
/// since the file was listed; a pipe or a device is refused, and neither keeps the caller waiting.
/// </summary>
public static class LibraryFile
{
    private const string Parent = "../";

    /// <summary>Opens a file for reading.</summary>
    /// <param name="root">The library's folder; it may be a link itself, which its owner configured.</param>
    /// <param name="path">Relative to it, with forward slashes; one <c>../</c> at its beginning means the folder that the root's path names before it.</param>
    /// <exception cref="NotRegularFileException">It is no regular file, or lies behind a link.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static SafeFileHandle Open(string root, string path)
    {
        if (path.StartsWith(Parent, StringComparison.Ordinal))
            (root, path) = (Path.GetDirectoryName(root) ?? root, path[Parent.Length..]);
        var parts = path.Split('/');
        if (parts.Any(part => part is "" or "." or ".."))
            throw new NotRegularFileException("The path leaves its folder.");
        var handle = UnixFile.IsSupported ? UnixFile.Open(root, parts) : OpenBetweenLooks(root, parts);
        try
        {
            // A pipe and a socket have no length; a folder has no bytes and says so when it is read.
            RandomAccess.GetLength(handle);
            return handle;
        }
        catch (NotSupportedException exception)
        {
            handle.Dispose();
            throw new NotRegularFileException("It is no regular file.", exception);
        }
    }

    // Without a way to open beneath a folder: whoever wants to be followed has to swap the link in and out again between two looks.
    private static SafeFileHandle OpenBetweenLooks(string root, string[] parts)
    {
        RefuseLinks(root, parts);
        var handle = File.OpenHandle(Path.Combine([root, .. parts]), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        try
        {
            RefuseLinks(root, parts);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void RefuseLinks(string root, string[] parts)
    {
        var path = root;
        foreach (var part in parts)
        {
            path = Path.Combine(path, part);
            if (File.GetAttributes(path) is var attributes && (attributes.HasFlag(FileAttributes.ReparsePoint) || attributes.HasFlag(FileAttributes.Device)))
                throw new NotRegularFileException("A link is not followed, and a device is not read.");
        }
    }
}
