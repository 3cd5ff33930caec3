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
    /// <summary>Days.</summary>
    [Range(1, 3_650)]
    public int RetentionDays { get; init; } = 400;
}

/// <summary>An entry of the audit log.</summary>
/// <param name="Subject">Who the request claimed to be from, where no account was signed in.</param>
public sealed record AuditView(
    Guid Id, DateTimeOffset At, string Action, string Outcome, Guid? AccountId, string? Subject, string? Target, string? Detail, string? Address, string? UserAgent,
    string? CorrelationId);

public sealed record AuditPage(IReadOnlyList<AuditView> Entries, CursorPagination Pagination);

internal static class AuditApi
{
    public static void AddAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuditOptions>().BindConfiguration("Audit").ValidateDataAnnotations().ValidateOnStart();
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
        await using var command = database.Command(
            """
            SELECT id, at, action, outcome, account_id, subject, target, detail, address, user_agent, correlation_id FROM identity.audit
            WHERE ($1::text IS NULL OR action = $1) AND ($2::text IS NULL OR outcome = $2) AND ($3::uuid IS NULL OR account_id = $3)
                AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at < $5)
                AND ($6::timestamptz IS NULL OR (at, id) < ($6, $7::uuid))
            ORDER BY at DESC, id DESC LIMIT $8
            """, action, outcome, account, since, until, after?.At, after?.Id, limit + 1);
        var entries = await command.ListAsync(row => new AuditView(
            row.GetGuid(0), row.Time(1), row.GetString(2), row.GetString(3), row.IdOrNull(4), row.TextOrNull(5), row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8),
            row.TextOrNull(9), row.TextOrNull(10)), cancellationToken);
        var more = entries.Count > limit;
        if (more)
            entries.RemoveAt(limit);
        return Enveloped.Ok(new AuditPage(entries, new CursorPagination(limit, more ? new AuditCursor(entries[^1].At, entries[^1].Id).ToString() : null, more)));
    }
}
