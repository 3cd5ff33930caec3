using System.Text.Json;
using Jarvis.Catalog.Diagnostics;

namespace Jarvis.Catalog.Linting;

/// <summary>One thing that the linter says about a workflow.</summary>
/// <param name="State"><c>Ok</c> unless the workflow is really broken: a workflow that could be better is served as it stands.</param>
/// <param name="At">Where in the file; null for the workflow as a whole.</param>
public sealed record LintFinding(string Code, DiagnosticSeverity Severity, string Reason, string Fix, JsonElement? At = null, DiagnosticState State = DiagnosticState.Ok);
