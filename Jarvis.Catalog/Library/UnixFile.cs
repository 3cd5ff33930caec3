using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Jarvis.Catalog.Library;

/// <summary>
/// Opens a file folder by folder (openat(2), <c>O_NOFOLLOW</c>), each beneath the one before, which a path as a whole does not promise; <c>O_NONBLOCK</c>, so
/// that a pipe without a writer opens at once.
/// </summary>
internal static partial class UnixFile
{
    // From <fcntl.h>; these differ by system and processor.
    private static readonly (int Directory, int NoFollow, int NonBlock, int CloseOnExec)? Flags = FlagsOf(RuntimeInformation.ProcessArchitecture);

    public static bool IsSupported => Flags is not null;

    /// <summary>Opens what <paramref name="parts"/> name beneath <paramref name="root"/>.</summary>
    public static SafeFileHandle Open(string root, string[] parts)
    {
        var (directory, noFollow, nonBlock, closeOnExec) = Flags!.Value;
        var folder = Checked(OpenPath(root, directory | closeOnExec), root);
        try
        {
            foreach (var part in parts.AsSpan(..^1))
            {
                var next = Checked(OpenAt(folder, part, directory | noFollow | closeOnExec), part);
                folder.Dispose();
                folder = next;
            }

            return Checked(OpenAt(folder, parts[^1], noFollow | nonBlock | closeOnExec), parts[^1]);
        }
        finally
        {
            folder.Dispose();
        }
    }

    private static SafeFileHandle Checked(SafeFileHandle handle, string name)
    {
        if (!handle.IsInvalid)
            return handle;
        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        var cause = new Win32Exception(error);
        // EPERM, ENOENT, EACCES, ENOTDIR, and ENXIO of a socket are the same everywhere; ELOOP is 40, and 62 on macOS.
        throw error switch
        {
            1 or 13 => new UnauthorizedAccessException($"{name}: {cause.Message}", cause),
            2 => new FileNotFoundException($"{name}: {cause.Message}", cause),
            6 or 20 => new NotRegularFileException($"{name} is a link, or no file.", cause),
            40 or 62 => new NotRegularFileException($"{name} is a link.", cause),
            _ => new IOException($"{name}: {cause.Message}", cause),
        };
    }

    private static (int, int, int, int)? FlagsOf(Architecture processor)
    {
        if (OperatingSystem.IsMacOS())
            return (0x100000, 0x100, 0x4, 0x1000000);
        if (!OperatingSystem.IsLinux())
            return null;
        return processor is Architecture.Arm or Architecture.Armv6 or Architecture.Arm64 or Architecture.Ppc64le
            ? (0x4000, 0x8000, 0x800, 0x80000)
            : (0x10000, 0x20000, 0x800, 0x80000);
    }

    // Neither takes a mode, which is only for files that are made: so they can be declared without variable arguments.
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenPath(string path, int flags);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenAt(SafeFileHandle folder, string path, int flags);
}
