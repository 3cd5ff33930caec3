using FsCheck;
using FsCheck.Fluent;
using Jarvis.Gateway.HotCache;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Jarvis.Gateway.Tests.HotCache;

public sealed class HotKeyTests
{
    [Theory]
    [InlineData("?b=1&a=2", "?a=2&b=1")]
    [InlineData("?a=2&a=1", "?a=2&a=1")]
    [InlineData("?a=2&A=1&a=0", "?a=2&A=1&a=0")]
    [InlineData("?%61=2&a=1", "?%61=2&a=1")]
    [InlineData("?&b&&a=", "?a=&b")]
    public void Query_InAnyOrder_IsOne(string query, string canonical) => Assert.Equal(canonical, HotKey.Canonical(query));

    [Fact]
    public void Queries_WithOneKey_MeanTheSame()
    {
        var part = Gen.Elements("a=1", "A=2", "b=", "b", "%61=3", "a+b=1", "", "=", "c=%26", "a=1=2");
        Prop.ForAll(part.ListOf().ToArbitrary(), parts =>
        {
            var query = $"?{string.Join('&', parts)}";
            Assert.Equal(Parsed(query), Parsed(HotKey.Canonical(query)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void Accept_OnlyCountsWhereItMayChoose()
    {
        Assert.Equal(Key("/a", "?x=1", "*/*"), Key("/a", "?x=1", "application/json"));
        Assert.NotEqual(Key("/a", "?x=1", "text/markdown"), Key("/a", "?x=1", "*/*"));
        Assert.NotEqual(Key("/a", "?x=1", "text/markdown-not"), Key("/a", "?x=1", "text/markdown"));
    }

    [Theory]
    [InlineData("?Limit=5")]
    [InlineData("?limt=5")]
    [InlineData("?limit=5&page=1")]
    public void Question_WithANameThatTheServiceRefuses_NeverHasTheKeyOfAnother(string query) =>
        Assert.NotEqual(Key("/a", "?limit=5", "*/*"), Key("/a", query, "*/*"));

    [Fact]
    public void Question_OfGreatLength_HasNone() => Assert.Null(Key("/a", $"?q={new string('x', 2_000)}", "*/*"));

    private static string? Key(string path, string query, string accept) =>
        HotKey.Of(new DefaultHttpContext { Request = { Path = path, QueryString = new(query), Headers = { Accept = accept } } }.Request);

    private static string Parsed(string query) =>
        string.Join('\n', QueryHelpers.ParseQuery(query).OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase).Select(pair => $"{pair.Key.ToUpperInvariant()}={string.Join(',', pair.Value.ToArray())}"));
}
