using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;

namespace Jarvis.Catalog.Linting;

/// <summary>
/// Literal secrets in the parameters of nodes. The export is its owner's and is served as it is; what is told is the node and the parameter, never the
/// value. Stricter than <see cref="SecretMask"/>, since a workflow is full of keys that are none: a finding should be worth a look.
/// </summary>
public static partial class WorkflowSecrets
{
    private const int MaxDepth = 32;
    private const int MaxName = 100;

    // Few names have one of these: a quick look before the slow one.
    private static readonly SearchValues<string> Speaking = SearchValues.Create(["key", "secret", "pass", "token", "authorization"], StringComparison.OrdinalIgnoreCase);

    /// <summary>One finding for the whole workflow, or none.</summary>
    public static IEnumerable<LintFinding> Find(WorkflowShape shape)
    {
        var found = new List<(WorkflowNode Node, string Parameter)>();
        foreach (var node in shape.Nodes.Where(node => !node.IsNote))
        {
            if (Search(node.Parameters, "", 0) is { } parameter)
                found.Add((node, parameter));
        }

        if (found.Count > 0)
        {
            yield return new("literal_secret", DiagnosticSeverity.Warning,
                $"What looks like a literal secret stands in {string.Join(", ", found.Take(5).Select(item => $"'{Names.Cut(item.Node.Name)}' ({Names.Cut(item.Parameter)})"))}"
                + (found.Count > 5 ? $" and {found.Count - 5} more nodes." : "."),
                "Keep it in a credential of n8n, renew it, and export the workflow again.", found[0].Node.Json);
        }
    }

    // The first of a node: whoever mends it sees the others.
    private static string? Search(JsonElement json, string name, int depth)
    {
        if (depth > MaxDepth)
            return null;
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                return IsSecret(name, json.GetString()!) ? name : null;
            case JsonValueKind.Array:
                return json.EnumerateArray().Select(item => Search(item, name, depth + 1)).FirstOrDefault(result => result is not null);
            case JsonValueKind.Object:
                // {"name": "Authorization", "value": "…"}: the name of the value is a value itself.
                var pair = json.Text("name") is { } given && json.Member("value") is { ValueKind: JsonValueKind.String } value && IsSecret(given, value.GetString()!) ? given : null;
                return pair ?? json.EnumerateObject().Select(property => Search(property.Value, property.Name, depth + 1)).FirstOrDefault(result => result is not null);
            default:
                return null;
        }
    }

    private static bool IsSecret(string name, string value)
    {
        if (SecretWords.MayHaveKnownKey(value) && SecretWords.KnownKey().Match(value) is { Success: true } key && key.Value.Any(char.IsAsciiDigit) && !Sample().IsMatch(key.Value))
            return true;
        if (value.Length is < 8 or > 4_000)
            return false;
        if (name.Length <= MaxName && name.AsSpan().ContainsAny(Speaking) && SecretName().IsMatch(name))
            return IsLiteral(Scheme().Replace(value.TrimStart('='), ""), minLength: 8);
        // An address with a password or a key, and a header within a JSON text.
        return (value.Contains("://", StringComparison.Ordinal) && (Password().IsMatch(value) || (KeyInQuery().Match(value) is { Success: true } query && IsLiteral(query.Groups["value"].Value, minLength: 12))))
            || (value.Contains("Bearer ", StringComparison.Ordinal) && Bearer().Match(value) is { Success: true } bearer && IsLiteral(bearer.Groups["value"].Value, minLength: 20));
    }

    // No expression, no placeholder, no words: something with a digit, in one piece.
    private static bool IsLiteral(string value, int minLength) =>
        value.Length >= minLength && !value.Contains("{{", StringComparison.Ordinal) && !value.Contains('$', StringComparison.Ordinal) && !value.Contains(' ', StringComparison.Ordinal)
        && value.Any(char.IsAsciiDigit) && !SecretWords.IsPlaceholder(value) && !Sample().IsMatch(value);

    [GeneratedRegex(@"^(x-)?(.*[-_. ])?(api[-_ ]?key|apikey|secret|client[-_ ]?secret|password|passwd|passphrase|token|(access|auth|bearer|refresh|bot|api)[-_ ]?token|authorization|private[-_ ]?key|key)$",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"^\s*(Bearer|Basic|Token|Bot|ApiKey|Key)\s+", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"your|example|placeholder|insert|enter|replace|dummy|sample|changeme|xxx|1234567|<|\[|\.\.\.|…", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Sample();

    [GeneratedRegex(@"://[^/\s:@{}$<]+:[^/\s@{}$<]{3,}@", RegexOptions.NonBacktracking)]
    private static partial Regex Password();

    [GeneratedRegex(@"[?&](api[-_]?key|apikey|access[-_]?token|token|secret|key)=(?<value>[^&\s#""'{}]+)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex KeyInQuery();

    [GeneratedRegex(@"Bearer (?<value>[^\s""'{}<]+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Bearer();
}
