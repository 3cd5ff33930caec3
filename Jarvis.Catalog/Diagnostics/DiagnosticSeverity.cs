namespace Jarvis.Catalog.Diagnostics;

/// <summary>How much a diagnostic matters to whoever owns the file.</summary>
public enum DiagnosticSeverity
{
    /// <summary>For information; nothing needs to be done.</summary>
    Info,

    /// <summary>It works, or seems to, but not as its author meant it to.</summary>
    Warning,

    /// <summary>It does not work, or is not served.</summary>
    Error,
}
