using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Formats;

/// <summary>Reads one file of a library. Nothing that a file holds, and no way in which it cannot be read, gets past it as an exception.</summary>
public sealed class FileReader(LibraryOptions options, TermTable terms)
{
    public ParsedFile Read(LibrarySource source, FileEntry entry, Classified classified)
    {
        var file = new FileReading(source, entry, classified, terms);
        if (classified.Role == FileRole.LeftOut)
            return LeftOut(file);
        if (entry.Stamp.Size > options.MaxFileBytes)
        {
            return Refuse(file, "too_large", $"The file has {entry.Stamp.Size} bytes, more than the {options.MaxFileBytes} that are read.",
                "Shorten it, or raise Catalog:MaxFileBytes.");
        }

        // Never opened: a pipe or a device has no length either, and would keep us waiting for ever.
        if (entry.Stamp.Size == 0)
            return Refuse(file, "empty_file", "The file is empty.", "Fill it or remove it.");

        byte[] bytes;
        try
        {
            bytes = ReadBytes(Path.Combine(source.Folder, entry.Path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            // Without a stamp it is tried again at every scan: a change of its permissions leaves no other trace.
            return Refuse(file, "unreadable", "The file cannot be opened.", "Let the account that runs Jarvis read it.") with { Stamp = default };
        }

        if (bytes.Length > options.MaxFileBytes)
            return Refuse(file, "too_large", $"The file is longer than the {options.MaxFileBytes} bytes that are read.", "Shorten it, or raise Catalog:MaxFileBytes.");
        if (bytes.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
            return Refuse(file, "empty_file", "The file holds nothing but blanks.", "Fill it or remove it.");
        if (TextFile.Decode(bytes) is not { } text)
            return Refuse(file, "binary", "The file holds NUL bytes: it is not text.", "Save it as UTF-8 text.");

        (file.Text, file.Encoding) = (text.Text, text.Encoding);
        if (text.Encoding == "latin-1")
        {
            file.Note(classified.Kind, DiagnosticState.Recovered, "encoding", "The file is not valid UTF-8; it was read as Latin-1.", "Save it as UTF-8.");
        }

        try
        {
            return Parse(file);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException)
        {
            // Such as half a surrogate pair in a JSON text. One file costs itself, never the scan.
            return Refuse(new(source, entry, classified, terms), "unreadable_value", "A value in the file cannot be read, such as a text that is not valid Unicode.",
                "Look for broken \\u escapes and save the file anew.");
        }
    }

    private static ParsedFile Parse(FileReading file) => file.Classified.Role switch
    {
        FileRole.PluginManifest or FileRole.Marketplace => PluginFormat.Parse(file),
        FileRole.McpConfig => McpFormat.Parse(file),
        FileRole.Json => WorkflowFormat.Parse(file),
        _ => MarkdownFormat.Parse(file),
    };

    private static ParsedFile LeftOut(FileReading file)
    {
        var (reason, fix) = file.Classified.LeftOutCode == "template"
            ? ("The file's name says that it is a template.", "Rename it if it is meant to be used.")
            : ("The file lies below a folder of tests.", "Move it out of there if it is meant to be used.");
        file.Note(file.Classified.Kind, DiagnosticState.Ok, file.Classified.LeftOutCode!, reason, fix);
        return file.Done();
    }

    // A Markdown file that might have been a resource by its front matter is not worth a word when it cannot be read.
    private static ParsedFile Refuse(FileReading file, string code, string reason, string fix)
    {
        if (file.Classified is { Role: FileRole.Markdown } or { NeedsFrontMatter: true, Role: not FileRole.Skill })
            return file.Nothing();
        file.Note(file.Classified.Kind, DiagnosticState.Rejected, code, reason, fix);
        return file.Done();
    }

    // At most one byte more than the limit, whatever the file has become since the walk.
    private byte[] ReadBytes(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var buffer = new byte[(int)Math.Min(RandomAccess.GetLength(handle), options.MaxFileBytes) + 1];
        var length = 0;
        while (length < buffer.Length && RandomAccess.Read(handle, buffer.AsSpan(length), length) is var read and > 0)
            length += read;
        return buffer[..length];
    }
}
