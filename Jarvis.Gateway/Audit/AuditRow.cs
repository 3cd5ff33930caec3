using System.Text;
using Jarvis.Gateway.Identity;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;

namespace Jarvis.Gateway.Audit;

/// <summary>An entry as <c>identity.audit</c> keeps it: texts are cut, since nobody may delete it again.</summary>
/// <param name="Subject">Who the request claims to be from, where no account is known.</param>
/// <param name="Credential"><c>token</c>, <c>cookie</c> or <c>api_key</c>, and the session's or the key's id; null where nobody is signed
/// in.</param>
internal sealed record AuditRow(Guid Id, DateTimeOffset At, AuditEntry Entry, string? Subject, RequestSource Source,
    (string Kind, Guid Id)? Credential)
{
    /// <summary>Bytes of UTF-8 that a text may have.</summary>
    public const int MaxBytes = 256;

    public const string Sql =
        """
        INSERT INTO identity.audit (id, at, action, outcome, account_id, subject, target, detail, address, user_agent, correlation_id,
            credential, credential_id, count)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """;

    private const char Cut = '…';
    private const int CutBytes = 3;

    /// <summary>How often it came.</summary>
    public int Count { get; init; } = 1;

    public object?[] Values =>
        [Id, At, Entry.Action, Entry.Outcome, Entry.AccountId, Subject, Entry.Target, Entry.Detail, Source.Address, Source.UserAgent,
            Source.CorrelationId, Credential?.Kind, Credential?.Id, Count];

    public static AuditRow Of(HttpContext context, AuditEntry entry, string? subject, TimeProvider time)
    {
        var caller = context.Caller() is { Kind: not CallerKind.Service } known ? known : null;
        var row = New(entry with { AccountId = entry.AccountId ?? caller?.AccountId }, RequestSource.Of(context), time);
        // What the gateway exchanges for a token of its own came as a key or a cookie.
        var kind = caller?.Kind == CallerKind.ApiKey ? "api_key" : context.Features.Get<VerifiedCaller>() is null ? "token" : "cookie";
        return row with { Subject = Text(subject), Credential = caller is null ? null : (kind, caller.SessionId) };
    }

    public static AuditRow New(AuditEntry entry, RequestSource source, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var cut = entry with { Target = Text(entry.Target), Detail = Text(entry.Detail) };
        return new(Guid.CreateVersion7(now), now, cut, null, source, null);
    }

    private static string? Text(string? given)
    {
        if (given is null)
            return null;
        var text = RequestSource.Readable(given);
        if (Encoding.UTF8.GetByteCount(text) <= MaxBytes)
            return text;
        var (bytes, length) = (CutBytes, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxBytes)
                break;
            length += rune.Utf16SequenceLength;
        }
        return $"{text.AsSpan(0, length)}{Cut}";
    }
}
