using Jarvis.ServiceDefaults.Validation;

namespace Jarvis.ServiceDefaults.Tests.Validation;

public sealed class NameSuggesterTests
{
    private const string List = "limit offset sort category q kind status account_id since until min_duration_ms correlation_id tag all";
    private const string Body = "name scopes expires_in_days description system_prompt disabled refresh_token metric_name value timestamp max_turns";

    [Theory]
    [InlineData("LIMIT", "limit")]
    [InlineData("limt", "limit")]
    [InlineData("limiit", "limit")]
    [InlineData("lmt", "limit")]
    [InlineData("ofset", "offset")]
    [InlineData("catgeory", "category")]
    [InlineData("correlationId", "correlation_id")]
    [InlineData("Correlation-ID", "correlation_id")]
    [InlineData("id_correlation", "correlation_id")]
    [InlineData("CorrelationID", "correlation_id")]
    [InlineData("min_duration", "min_duration_ms")]
    [InlineData("duration", "min_duration_ms")]
    [InlineData("account", "account_id")]
    [InlineData("user", "account_id")]
    [InlineData("tags", "tag")]
    [InlineData("kind[]", "kind")]
    [InlineData("$top", "limit")]
    [InlineData("$skip", "offset")]
    [InlineData("page[size]", "limit")]
    [InlineData("pageSize", "limit")]
    [InlineData("per-page", "limit")]
    [InlineData("page", "offset")]
    [InlineData("order_by", "sort")]
    [InlineData("query", "q")]
    [InlineData("Q", "q")]
    [InlineData("type", "kind")]
    [InlineData("from", "since")]
    [InlineData("state", "status")]
    [InlineData("T", null)]
    [InlineData("cat", null)]
    public void Parameter_ThatLooksLikeAKnownOne_IsThatOne(string given, string? meant) => Assert.Equal(meant, Suggester(List, Synonyms.OfQuery).For(given));

    [Theory]
    [InlineData("expires_at", "expires_in_days")]
    [InlineData("expiresInDays", "expires_in_days")]
    [InlineData("expire_in_days", "expires_in_days")]
    [InlineData("expiry", "expires_in_days")]
    [InlineData("ttl", "expires_in_days")]
    [InlineData("scope", "scopes")]
    [InlineData("permissions", "scopes")]
    [InlineData("desc", "description")]
    [InlineData("prompt", "system_prompt")]
    [InlineData("systemMessage", "system_prompt")]
    [InlineData("display_name", "name")]
    [InlineData("Name", "name")]
    [InlineData("enabled", "disabled")]
    [InlineData("metric", "metric_name")]
    [InlineData("val", "value")]
    [InlineData("ts", null)]
    [InlineData("max_tokens", null)]
    [InlineData("unit", null)]
    [InlineData("comment", null)]
    public void Field_ThatLooksLikeAKnownOne_IsThatOne(string given, string? meant) => Assert.Equal(meant, Suggester(Body, Synonyms.OfBody).For(given));

    [Theory]
    [InlineData("_")]
    [InlineData("")]
    [InlineData("%")]
    [InlineData("utm_source")]
    [InlineData("utm_campaign")]
    [InlineData("fbclid")]
    [InlineData("cachebuster")]
    [InlineData("v")]
    [InlineData("t")]
    [InlineData("id")]
    [InlineData("to_")]
    [InlineData("zzqx")]
    [InlineData("pretty")]
    [InlineData("host")]
    [InlineData("kilo")]
    public void Name_ThatLooksLikeNothingKnown_IsNone(string given) =>
        Assert.Null(Suggester("limit offset sort category q kind source", Synonyms.OfQuery).For(given));

    [Fact]
    public void Name_ThatIsVeryLong_IsNone() => Assert.Null(Suggester(List, Synonyms.OfQuery).For(new string('l', 10_000)));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("ab", "ba", 1)]
    [InlineData("limit", "limt", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("a", "abcdef", 3)]
    public void Distance_CountsEachSlipOnce_UpToItsLimit(string first, string second, int distance) => Assert.Equal(distance, EditDistance.Of(first, second, 2));

    private static NameSuggester Suggester(string names, Synonyms synonyms) => new(names.Split(' '), synonyms);
}
