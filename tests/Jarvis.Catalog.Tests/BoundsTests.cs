using System.Net;
using Jarvis.Catalog.Formats;
using YamlDotNet.Core;

namespace Jarvis.Catalog.Tests;

/// <summary>What no file and no request gets past.</summary>
public sealed class BoundsTests
{
    [Theory]
    [InlineData("agents/..%2F..%2Fsecret.md")]
    [InlineData("agents/..%2Fsecret")]
    [InlineData("agents/%2Fetc%2Fpasswd")]
    [InlineData("agents/agents%2Fa.md")]
    [InlineData("agents/a.md")]
    [InlineData("skills/scripts%2Fx.sh")]
    [InlineData("workflows/..%5Csecret.md")]
    public async Task Content_OfAPath_IsNotFound(string path)
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("agents/a.md", "a").Agent("skills/s/SKILL.md", "s").Write("skills/s/scripts/x.sh", "x"));
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(host.Library.Folder)!, "secret.md"), "hunter2");
        using var answer = await host.Client.GetAsync(new Uri($"/api/v2/{path}/content?raw=true", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("hunter2", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Yaml_OfMoreNodesThanTheBound_IsRefused()
    {
        Assert.NotNull(YamlTree.Parse($"[{string.Join(',', Enumerable.Repeat("a", 4_000))}]"));
        Assert.Throws<YamlException>(() => YamlTree.Parse($"[{string.Join(',', Enumerable.Repeat("a", 6_000))}]"));
    }

    [Fact]
    public void Yaml_DeeperThanTheBound_IsRefused()
    {
        Assert.NotNull(YamlTree.Parse($"{new string('[', 15)}{new string(']', 15)}"));
        Assert.Throws<YamlException>(() => YamlTree.Parse($"{new string('[', 20)}{new string(']', 20)}"));
    }

    [Theory]
    [InlineData("a: &a x\nb: *a")]
    [InlineData("a: &a {b: c}\n<<: *a")]
    public void Yaml_WithAnAlias_IsRefused(string text) => Assert.Throws<YamlException>(() => YamlTree.Parse(text));

    [Theory]
    [InlineData(40, null)]
    [InlineData(80, "json_invalid")]
    [InlineData(100_000, "json_invalid")]
    public void Json_DeeperThanTheBound_IsRefused(int depth, string? code)
    {
        using var library = new TempLibrary().Write("flow.json",
            $"{{\"name\": \"f\", \"id\": \"1\", \"connections\": {{}}, \"nodes\": [], \"meta\": {new string('[', depth)}{new string(']', depth)}}}");
        Assert.Equal(code, library.Scan().Diagnostics.Select(note => note.Code).SingleOrDefault());
    }
}
