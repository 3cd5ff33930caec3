using System.Collections.Frozen;

namespace Jarvis.ServiceDefaults.Validation;

/// <summary>What other APIs call the names that this one has; the first meaning that a route knows is the one that is suggested.</summary>
internal sealed class Synonyms
{
    /// <summary>Of parameters in a query.</summary>
    public static readonly Synonyms OfQuery = new(
        ("since", "from after start start_time start_date begin newer_than"),
        ("until", "to before end end_time end_date stop older_than"),
        ("limit", "per_page page_size size count top take max max_results max_items results rows num n first items_per_page pagesize perpage"),
        ("offset", "page page_number page_index pageno p skip start start_index startindex from"),
        ("cursor", "page page_token next next_cursor after before continuation continuation_token continue starting_after bookmark marker"),
        ("sort", "order order_by sort_by sort_order sort_dir orderby sortby ordering sorting dir direction asc desc"),
        ("q", "query search search_query searchterm term terms text keyword keywords s find filter match name"),
        ("kind", "type types resource_type resource_kind"),
        ("status", "state states"),
        ("state", "status"),
        ("outcome", "result status state"),
        ("category", "group topic"),
        ("source", "library origin repo repository root"),
        ("account_id", "user user_id actor who owner"),
        ("severity", "level"),
        ("metric_name", "metric name key"),
        ("step", "interval resolution bucket granularity window"),
        ("time_range", "range period last timeframe window"),
        ("aggregate", "agg func function fn stat"),
        ("correlation_id", "request_id x_correlation_id trace_id"),
        ("wait", "timeout wait_seconds sync block wait_for"),
        ("min_duration_ms", "duration slower_than"),
        ("error", "failed errors success"),
        ("service", "server app application component"),
        ("role", "permission permissions"),
        ("raw", "plain download"),
        ("mode", "strategy algorithm"),
        ("tag", "label"),
        ("tool", "function"),
        ("model", "llm"),
        ("client", "editor"),
        ("cache", "name"));

    /// <summary>Of fields of a body.</summary>
    public static readonly Synonyms OfBody = new(
        ("email", "username user login mail address"),
        ("password", "pass pwd passwd passphrase"),
        ("current_password", "old_password password"),
        ("new_password", "password"),
        ("name", "title display_name full_name label"),
        ("system_prompt", "prompt instructions content body text"),
        ("description", "summary about"),
        ("payload", "data input inputs body params parameters args arguments json"),
        ("workflow_id", "workflow"),
        ("webhook_path", "path url webhook uri"),
        ("method", "verb"),
        ("metric_name", "metric name key"),
        ("value", "val amount"),
        ("timestamp", "ts time date at datetime"),
        ("tags", "labels attributes dimensions"),
        ("points", "metrics data items batch"),
        ("scopes", "permissions permission roles role access"),
        ("role", "permission permissions roles scope scopes"),
        ("expires_in_days", "expiry expiration ttl valid_for valid_until valid_days lifetime max_age"),
        ("expires_in_hours", "expiry expiration ttl valid_for valid_until valid_hours lifetime max_age"),
        ("disabled", "enabled active is_active inactive locked blocked suspended"),
        ("everywhere", "all all_sessions global"),
        ("session", "cookie"),
        ("refresh_token", "refresh"),
        ("token", "code invitation invite key"),
        ("reason", "message why comment note"));

    // What browsers, campaigns and scripts put behind an address, and what no server need look at.
    private static readonly FrozenSet<string> Harmless =
        "t ts v r x cb bust cachebuster cache_buster cache_bust nocache no_cache rand random rnd nonce timestamp fbclid gclid msclkid dclid ref referrer utm pretty debug callback jsonp lang locale"
            .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static readonly string[] HarmlessStarts = ["utm_", "mtm_", "pk_", "hsa_", "mc_"];

    private readonly FrozenDictionary<string, string[]> _meanings;
    private readonly FrozenSet<string> _names;

    private Synonyms(params IReadOnlyList<(string Name, string Others)> table)
    {
        _meanings = table.SelectMany(entry => entry.Others.Split(' '), (entry, other) => (Other: other, entry.Name))
            .GroupBy(pair => pair.Other, pair => pair.Name, StringComparer.Ordinal).ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        _names = table.Select(entry => entry.Name).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>What a word may mean, in the contract's names.</summary>
    public IReadOnlyList<string> For(string word) => _meanings.GetValueOrDefault(word, []);

    /// <summary>Whether it is one of the contract's usual names, or another word for one.</summary>
    public bool Knows(string word) => !IsHarmless(word) && (_names.Contains(word) || _meanings.ContainsKey(word));

    public static bool IsHarmless(string word) => Harmless.Contains(word) || Array.Exists(HarmlessStarts, start => word.StartsWith(start, StringComparison.Ordinal));
}
