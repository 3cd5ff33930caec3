using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Formats;

/// <summary>One file while it is being parsed: where it lies, its text, and what there is to say about it.</summary>
public sealed class FileReading(LibrarySource source, FileEntry entry, Classified classified, TermTable terms)
{
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly List<ParsedResource> _resources = [];
    private int? _ofFile;
    private int _ofResource;

    public LibrarySource Source { get; } = source;

    public FileEntry Entry { get; } = entry;

    public string Path => Entry.Path;

    public Classified Classified { get; } = classified;

    public string Text { get; set; } = "";

    public string Encoding { get; set; } = "utf-8";

    /// <summary>The file's name without its extension.</summary>
    public string Stem => System.IO.Path.GetFileNameWithoutExtension(Classifier.FileName(Path));

    /// <summary>The worst that was noted so far about the file and about the resource at hand: it becomes the state of the resource.</summary>
    private DiagnosticState State =>
        _diagnostics.Where((_, at) => at < (_ofFile ?? int.MaxValue) || at >= _ofResource).Select(diagnostic => diagnostic.State).DefaultIfEmpty().Max();

    public void Note(ResourceKind? kind, DiagnosticState state, string code, string reason, string fix, int? line = null, DiagnosticSeverity? severity = null)
    {
        var diagnostic = new Diagnostic(Source.Name, Path, line, kind, state, code, reason, fix);
        _diagnostics.Add(severity is { } given ? diagnostic with { Severity = given } : diagnostic);
    }

    /// <summary>What is noted from now on is about the next resource only: one of many in a file does not make the others doubtful.</summary>
    public void NextResource()
    {
        _ofFile ??= _diagnostics.Count;
        _ofResource = _diagnostics.Count;
    }

    /// <summary>Keeps a resource of this file; where it lies and how it was read is added here.</summary>
    public void Add(Resource resource, string content, string mediaType, string body)
    {
        resource = resource with
        {
            Source = Source.Name,
            Path = Path,
            State = State,
            UpdatedAt = Entry.Stamp.WrittenAt,
            SizeBytes = Entry.Stamp.Size,
        };
        var utf8 = System.Text.Encoding.UTF8.GetBytes(content);
        _resources.Add(new(resource, new(utf8, mediaType, Encoding, ShortHash.Of(utf8)), terms.CountWords(resource, body)));
    }

    /// <summary>The file gives nothing after all; what was noted about its text is of no interest then.</summary>
    public ParsedFile Nothing() => new(Entry.Stamp, Classified.Role, [], []) { ReadAs = Classified };

    public ParsedFile Done() => new(Entry.Stamp, Classified.Role, _resources, _diagnostics) { ReadAs = Classified };
}
