using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Formats;

/// <summary>Reads one file of a library. Nothing that a file holds, and no way in which it cannot be read, gets past it as an exception.</summary>
public sealed class FileReader(LibraryOptions options, TermTable terms, TimeProvider? clock = null)
{
    /// <summary>The coarsest that a file system keeps times (FAT's are two seconds): a file that was written so shortly before may be written again without a trace.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    // The server of a network folder has a clock of its own; beyond this its times say nothing about now.
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(1);
    private readonly TimeProvider _time = clock ?? TimeProvider.System;

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

        // A pipe and a device have no length either.
        if (entry.Stamp.Size == 0)
            return Refuse(file, "empty_file", "The file is empty.", "Fill it or remove it.");

        FileBytes read;
        try
        {
            read = FileBytes.Read(source.Folder, entry.Path, options.MaxFileBytes);
        }
        catch (NotRegularFileException)
        {
            return Refuse(file, "not_a_file", "A link stands in its path, or it is a pipe or a device: it is not opened.", "Put the file itself there.") with { Stamp = default };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            // Without a stamp it is tried again at every scan: a change of its permissions leaves no other trace.
            return Refuse(file, "unreadable", "The file cannot be opened.", "Let the account that runs Jarvis read it.") with { Stamp = default };
        }

        return read.IsWhole ? Read(source, entry, classified, read.Bytes) with { Fresh = FreshOf(read) }
            : Refuse(file, "changing", "The file is being written; half of it is not kept.", "Nothing: it is read again at the next scan.", DiagnosticSeverity.Info) with { Stamp = default, IsChanging = true };
    }

    /// <summary>Looks again at a file that was read within a tick of its being written.</summary>
    /// <returns><paramref name="known"/> with its objects when it says the same, else what it says now.</returns>
    public ParsedFile ReadAgain(LibrarySource source, FileEntry entry, Classified classified, ParsedFile known)
    {
        try
        {
            var read = FileBytes.Read(source.Folder, entry.Path, options.MaxFileBytes);
            if (read.IsWhole && ShortHash.Of(read.Bytes) == known.Fresh)
                return known with { Fresh = FreshOf(read) };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            // What is the matter is said by the one below.
        }

        return Read(source, entry, classified);
    }

    private string? FreshOf(FileBytes read)
    {
        var age = _time.GetUtcNow() - read.Written;
        return age < Tick && age > -MaxSkew ? ShortHash.Of(read.Bytes) : null;
    }

    /// <summary>What the bytes of a file say.</summary>
    public ParsedFile Read(LibrarySource source, FileEntry entry, Classified classified, byte[] bytes)
    {
        var file = new FileReading(source, entry, classified, terms);
        if (bytes.Length > options.MaxFileBytes)
            return Refuse(file, "too_large", $"The file is longer than the {options.MaxFileBytes} bytes that are read.", "Shorten it, or raise Catalog:MaxFileBytes.");
        if (bytes.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
            return Refuse(file, "empty_file", "The file holds nothing but blanks.", "Fill it or remove it.");
        if (TextFile.Decode(bytes) is not { } text)
            return Refuse(file, "binary", "The file holds NUL bytes: it is not text.", "Save it as UTF-8 text.");

        (file.Text, file.Encoding) = (text.Text, text.Encoding);
        if (text.Encoding != "utf-8")
        {
            file.Note(classified.Kind, DiagnosticState.Recovered, "encoding", text.Encoding switch
            {
                "latin-1" => "The file is not valid UTF-8; it was read as Latin-1.",
                "utf-8-bom" => "The file begins with a byte order mark, which hides its first line from some readers.",
                _ => $"The file is not UTF-8; it was read as {text.Encoding.ToUpperInvariant()}.",
            }, "Save it as UTF-8 without a byte order mark.", 1);
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
        FileRole.Json => JsonFormat.Parse(file),
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
    private static ParsedFile Refuse(FileReading file, string code, string reason, string fix, DiagnosticSeverity? severity = null)
    {
        if (file.Classified is { Role: FileRole.Markdown } or { NeedsFrontMatter: true, Role: not FileRole.Skill })
            return file.Nothing();
        file.Note(file.Classified.Kind, DiagnosticState.Rejected, code, reason, fix, null, severity);
        return file.Done();
    }
}
