using System.Text.Json.Serialization;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Diagnostics;

/// <summary>What became of a file.</summary>
public enum DiagnosticState
{
    /// <summary>Read as it stands, or rightly left out; the note is for information.</summary>
    Ok,

    /// <summary>Not as its format asks, but nothing of it was lost.</summary>
    Recovered,

    /// <summary>Served with something missing or guessed.</summary>
    Degraded,

    /// <summary>Not served.</summary>
    Rejected,
}

/// <summary>One thing that the reader noticed about a file.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Path">Relative to the source's folder; empty when it is about the source itself.</param>
/// <param name="Line">From 1; null when it is about the whole file.</param>
/// <param name="Kind">Null when the file is of no kind.</param>
/// <param name="State">What became of the file.</param>
/// <param name="Code">Stable, such as <c>yaml_invalid</c>.</param>
/// <param name="Reason">What was seen.</param>
/// <param name="Fix">What to do about it.</param>
/// <param name="Severity">Follows from the state unless it is given: what is refused is an error, what was mended or guessed a warning.</param>
[method: JsonConstructor]
public sealed record Diagnostic(
    string Source, string Path, int? Line, ResourceKind? Kind, DiagnosticState State, string Code, string Reason, string Fix, DiagnosticSeverity Severity)
{
    public Diagnostic(string source, string path, int? line, ResourceKind? kind, DiagnosticState state, string code, string reason, string fix)
        : this(source, path, line, kind, state, code, reason, fix, SeverityOf(state))
    {
    }

    private static DiagnosticSeverity SeverityOf(DiagnosticState state) => state switch
    {
        DiagnosticState.Ok => DiagnosticSeverity.Info,
        DiagnosticState.Rejected => DiagnosticSeverity.Error,
        _ => DiagnosticSeverity.Warning,
    };
}
