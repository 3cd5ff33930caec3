using Jarvis.Catalog.Library;

namespace Jarvis.Catalog.Formats;

/// <summary>A file's bytes, whole: one that is written to meanwhile is read again, a few times.</summary>
/// <param name="Bytes">At most one more than was asked for, which tells that there are more.</param>
/// <param name="IsWhole">False when it changed during every attempt.</param>
/// <param name="Written">When it was last written, as it was read.</param>
public sealed record FileBytes(byte[] Bytes, bool IsWhole, DateTimeOffset Written)
{
    private const int Attempts = 3;

    /// <summary>Reads a file, again when it changed meanwhile.</summary>
    /// <exception cref="NotRegularFileException">It is a link, lies behind one, or is no regular file.</exception>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <param name="root">The folder that it must lie in.</param>
    /// <param name="path">The file, relative to it.</param>
    /// <param name="maxBytes">Bytes that are of interest.</param>
    /// <param name="meanwhile">Called between reading and looking whether the file changed; tests write to it then.</param>
    public static FileBytes Read(string root, string path, int maxBytes, Action? meanwhile = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var handle = LibraryFile.Open(root, path);
            var before = (Length: RandomAccess.GetLength(handle), Written: File.GetLastWriteTimeUtc(handle));
            var buffer = new byte[(int)Math.Min(before.Length, maxBytes) + 1];
            var length = 0;
            while (length < buffer.Length && RandomAccess.Read(handle, buffer.AsSpan(length), length) is var read and > 0)
                length += read;
            meanwhile?.Invoke();
            var isWhole = before == (RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle));
            if (isWhole || attempt == Attempts)
                return new(buffer.AsSpan(0, length).ToArray(), isWhole, new(before.Written, TimeSpan.Zero));
        }
    }
}
