using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Jarvis.ServiceDefaults.Redaction;

/// <summary>The rules behind <see cref="AttributeRedaction"/>.</summary>
internal static partial class AttributeNames
{
    private static readonly FrozenSet<string> Plain = FrozenSet.ToFrozenSet([Correlation.CorrelationId.Attribute], StringComparer.Ordinal);

    private static readonly FrozenSet<string> Queries = FrozenSet.ToFrozenSet(["url.query", "http.query", "http.query_string", "query_string", "QueryString"], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Urls = FrozenSet.ToFrozenSet(["url.full", "url.original", "http.url", "http.target", "url", "uri"], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Statements = FrozenSet.ToFrozenSet(["db.query.text", "db.statement"], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> RecordedHeaders = FrozenSet.ToFrozenSet(
        [
            "accept", "accept-encoding", "accept-language", "age", "cache-control", "connection", "content-encoding", "content-length", "content-type", "date", "etag", "host", "if-match",
            "if-none-match", "location", "origin", "ratelimit", "ratelimit-policy", "referer", "retry-after", "server", "traceparent", "user-agent", "vary", "x-correlation-id",
            "x-request-id",
        ], StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Headers = ["http.request.header.", "http.response.header.", "rpc.request.metadata.", "rpc.response.metadata.", "rpc.grpc.request.metadata.", "rpc.grpc.response.metadata."];

    // What goes into statements and comes in bodies, word for word.
    private static readonly string[] Contents = ["http.request.body", "http.response.body", "db.query.parameter", "db.operation.parameter", "db.statement.parameters", "messaging.message.body"];

    private static readonly string[] Prompts =
    [
        "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.prompt", "gen_ai.completion", "gen_ai.content", "gen_ai.event.content", "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result", "gen_ai.tool.definitions", "gen_ai.retrieval.query", "llm.prompts", "llm.completions", "llm.input_messages", "llm.output_messages", "input.value", "output.value",
        "traceloop.entity.input", "traceloop.entity.output",
    ];

    public static AttributeKind KindOf(string key, bool recordPrompts)
    {
        if (Plain.Contains(key))
            return AttributeKind.Plain;
        if (Queries.Contains(key))
            return AttributeKind.Query;
        if (Urls.Contains(key))
            return AttributeKind.Url;
        if (Statements.Contains(key))
            return AttributeKind.Statement;
        if (Array.Find(Headers, start => key.StartsWith(start, StringComparison.OrdinalIgnoreCase)) is { } header)
            return RecordedHeaders.Contains(key[header.Length..].Replace('_', '-')) ? AttributeKind.Url : AttributeKind.Hidden;
        if (StartsWithOneOf(key, Contents) || Speaks(key))
            return AttributeKind.Hidden;
        return !recordPrompts && StartsWithOneOf(key, Prompts) ? AttributeKind.Hidden : AttributeKind.Text;
    }

    private static bool StartsWithOneOf(string key, string[] starts) =>
        Array.Exists(starts, start => key.StartsWith(start, StringComparison.OrdinalIgnoreCase) && (key.Length == start.Length || !char.IsAsciiLetterOrDigit(key[start.Length])));

    /// <summary>Whether the name speaks of a credential: <c>user.password</c> and <c>apiKey</c>, but neither <c>gen_ai.usage.input_tokens</c> nor <c>gen_ai.token.type</c>.</summary>
    private static bool Speaks(string key)
    {
        var words = Separator().Replace(key, "_").ToLowerInvariant();
        return Credential().IsMatch(words) && !NeutralEnd().IsMatch(words);
    }

    [GeneratedRegex("[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Separator();

    [GeneratedRegex("(^|_)(password|passwd|passphrase|pwd|secrets?|token|ticket|(api|access|private)_?key|(access|refresh|id|auth|csrf)_?token|authorization|cookies?|credentials?|bearer|jwt|otp|signature)(_|$)",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Credential();

    [GeneratedRegex("_(type|kind|count|length|size|limit|name|id|algorithm|expiry|expires|expires_at|expires_in|valid|present|used|source|scheme)$",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex NeutralEnd();
}
