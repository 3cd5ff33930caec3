using Jarvis.Tests.Shared;

namespace Jarvis.Catalog.Tests;

/// <summary>Every operation of the catalog with its names misspelt, and with names that nobody knows.</summary>
public sealed class UnknownNamesTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly MisspeltNames _names = new(shared.Host.Client);

    public static TheoryData<string> Operations => [.. MisspeltNames.OperationsOf("Catalog", "Search", "Version 1")];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Name_ThatIsMisspelt_IsRefusedWithTheRightOne(string operation) => _names.EachIsRefusedAsync(operation);

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Name_ThatLooksLikeNothingKnown_IsIgnored(string operation) => _names.UnrelatedOnesAreIgnoredAsync(operation);

    [Fact]
    public void Operations_AreAllOfTheService() =>
        Assert.Empty(MisspeltNames.OperationsOf("Catalog", "Search", "Version 1").Except(MisspeltNames.MappedBy(shared.Host.Services), StringComparer.Ordinal));

    [Theory]
    [InlineData("/api/v2/agents?source=library", "source", "is not a parameter of this route, which takes limit, offset, sort, category")]
    [InlineData("/api/v2/agents?page=2", "page", "is not a parameter of this route; did you mean 'offset'?")]
    [InlineData("/api/v2/agents?per_page=2", "per_page", "is not a parameter of this route; did you mean 'limit'?")]
    [InlineData("/api/v2/agents?Limit=2", "Limit", "is not a parameter of this route; did you mean 'limit'?")]
    [InlineData("/api/v2/agents/alpha?limit=2", "limit", "is not a parameter of this route, which takes none")]
    [InlineData("/api/v2/search?q=x&type=agent", "type", "is not a parameter of this route; did you mean 'kind'?")]
    [InlineData("/api/v2/search?q=x&sort=name", "sort", "is not taken: results come by score")]
    [InlineData("/api/v2/catalog/diagnostics?client=codex", "client", "is not a parameter of this route, which takes limit, offset, state, severity, kind, code, source")]
    [InlineData("/api/v1/search?q=x&mode=semantic", "mode", "is not a parameter of this route; did you mean 'model'?")]
    public async Task Parameter_OfOthers_IsRefused(string path, string name, string message)
    {
        var problem = await shared.Host.JsonAsync(path);
        Assert.Equal(422, problem.GetProperty("status").GetInt32());
        Assert.Equal(message, problem.GetProperty("errors").GetProperty(name)[0].GetString());
    }
}
