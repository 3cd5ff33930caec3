using System.ComponentModel.DataAnnotations;
using Jarvis.Gateway.Identity;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Npgsql;

namespace Jarvis.Gateway.Audit;

/// <summary>How long the audit log is kept; section <c>Audit</c>.</summary>
public sealed record AuditOptions
{
    /// <summary>Days; not fewer, so that whoever takes the gateway over cannot have the log of it deleted.</summary>
    [Range(30, 3_650)]
    public int RetentionDays { get; init; } = 400;
}

/// <summary>An entry of the audit log.</summary>
/// <param name="Subject">Who the request claimed to be from, where no account was signed in.</param>
/// <param name="Credential">What the request was signed in by: <c>token</c>, <c>cookie</c> or <c>api_key</c>; null where nobody
/// was.</param>
/// <param name="CredentialId">The session or the API key.</param>
/// <param name="Count">How often it came: repeats of a refusal within a minute are one entry.</param>
public sealed record AuditView(
    Guid Id, DateTimeOffset At, string Action, string Outcome, Guid? AccountId, string? Subject, string? Target, string? Detail, string? Address, string? UserAgent,
    string? CorrelationId, string? Credential, Guid? CredentialId, int Count);

public sealed record AuditPage(IReadOnlyList<AuditView> Entries, CursorPagination Pagination);

internal static class AuditApi
{
    public static void AddAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuditOptions>().BindConfiguration("Audit").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IAuditRows, AuditRows>();
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddSingleton<IAuditLog>(services => services.GetRequiredService<AuditLog>());
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditLog>());
    }

    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/audit", ListAsync).RequireAuthorization(Policies.Admin).WithTags("Identity").WithName("list-audit")
            .WithSummary("Who did what, from where, newest first").WithCursor("AZjyxH0afD6bX9Km6MAbRw")
            .WithQuery("action", "Only this action.", "auth.login", maxLength: 64).WithQuery("outcome", "Only what ended so.", oneOf: [AuditLog.Success, AuditLog.Refused, AuditLog.Failed])
            .WithQuery("account_id", "Only what this account did.", "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47", format: "uuid")
            .WithQuery("since", "From this time on.", "2026-11-20T00:00:00Z", format: "date-time").WithQuery("until", "Before this time.", "2026-11-21T00:00:00Z", format: "date-time");

    private static async Task<Enveloped<AuditPage>> ListAsync(HttpRequest request, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request.Query);
        var limit = query.Whole("limit", ListQuery.DefaultLimit, 1, ListQuery.MaxLimit);
        var action = query.Text("action", 64);
        var outcome = query.OneOf("outcome", AuditLog.Success, AuditLog.Refused, AuditLog.Failed);
        Guid? account = null;
        if (query.Text("account_id") is { } text)
        {
            if (Guid.TryParse(text, out var id))
                account = id;
            else
                query.Wrong("account_id", "must be a UUID");
        }
        var (since, until) = (query.Time("since"), query.Time("until"));
        AuditCursor? after = null;
        if (query.Text("cursor") is { } given)
        {
            if (AuditCursor.TryParse(given, out var cursor))
                after = cursor;
            else
                query.Wrong("cursor", "must be the next_cursor of a page before");
        }
        query.ThrowIfWrong();
        // One more than asked for tells whether there is another page.
        List<object?> values = [limit + 1];
        List<string> conditions = [];
        Where("action =", action);
        Where("outcome =", outcome);
        // So that the planner sees that the index of these serves.
        if (outcome is AuditLog.Refused or AuditLog.Failed)
            conditions.Add("outcome <> 'success'");
        Where("account_id =", account);
        Where("at >=", since);
        Where("at <", until);
        if (after is { } last)
        {
            conditions.Add($"(at, id) < (${values.Count + 1}, ${values.Count + 2})");
            values.AddRange([last.At, last.Id]);
        }
        await using var command = database.Command(
            $"""
            SELECT id, at, action, outcome, account_id, subject, target, detail, address, user_agent, correlation_id, credential,
                credential_id, count FROM identity.audit
            {(conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}")} ORDER BY at DESC, id DESC LIMIT $1
            """, [.. values]);
        var entries = await command.ListAsync(row => new AuditView(
            row.GetGuid(0), row.Time(1), row.GetString(2), row.GetString(3), row.IdOrNull(4), row.TextOrNull(5), row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8),
            row.TextOrNull(9), row.TextOrNull(10), row.TextOrNull(11), row.IdOrNull(12), row.GetInt32(13)), cancellationToken);
        var more = entries.Count > limit;
        if (more)
            entries.RemoveAt(limit);
        return Enveloped.Ok(new AuditPage(entries, new CursorPagination(limit, more ? new AuditCursor(entries[^1].At, entries[^1].Id).ToString() : null, more)));

        void Where(string condition, object? value)
        {
            if (value is null)
                return;
            values.Add(value);
            conditions.Add($"{condition} ${values.Count}");
        }
    }
}
