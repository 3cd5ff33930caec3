using System.ComponentModel.DataAnnotations;
using Jarvis.Catalog.Semantic;

namespace Jarvis.Catalog.Tests;

public sealed class SemanticTextTests
{
    private static readonly EmbeddingOptions Options = new() { Provider = "ollama", Model = "fake" };

    [Fact]
    public void Of_Agent_HasItsFieldsOnceAndItsBody() => Assert.Equal(
        "keeper (agent)\nKeeps.\nTags: one, two\n# Title\n\nBody.", Text(library => library.Write("agents/a.md", "---\r\nname: keeper\r\ndescription: Keeps.\r\ntags: [one, two]\r\n---\r\n\r\n# Title\n\nBody.\n")));

    [Fact]
    public void Of_Prefix_ComesFirst() => Assert.StartsWith(
        "search_document: keeper (agent)", Text(library => library.Agent("agents/a.md", "keeper"), Options with { DocumentPrefix = "search_document: " }), StringComparison.Ordinal);

    [Fact]
    public void Of_LongBody_IsCutBetweenLetters()
    {
        var text = Text(library => library.Agent("agents/a.md", "k", "D.", string.Concat(Enumerable.Repeat("😀", 1_000))), Options with { MaxInputChars = 101 });
        Assert.InRange(text.Length, 99, 101);
        Assert.False(char.IsHighSurrogate(text[^1]));
    }

    [Fact]
    public void Of_Workflow_HasNoParameters()
    {
        var text = Text(library => library.Write("flows/a.json",
            """{"name": "Sync", "connections": {}, "nodes": [{"name": "Call", "type": "n8n-nodes-base.httpRequest", "parameters": {"token": "s3cr3t"}}]}"""));
        Assert.Contains("httpRequest", text, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_McpServer_HasNoSecrets()
    {
        var text = Text(library => library.Write(".mcp.json", """{"mcpServers": {"files": {"command": "npx", "args": ["server-files", "--token", "s3cr3t"], "env": {"API_TOKEN": "s3cr3t"}}}}"""));
        Assert.Contains("npx server-files", text, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_NothingSet_IsValidAndOff() => Assert.Equal((0, false), (Problems(new()).Count, new EmbeddingOptions().IsConfigured));

    [Theory]
    [InlineData("", "", "m", "", "Embeddings:Provider must be one of openai, ollama")]
    [InlineData("cohere", "", "m", "", "Embeddings:Provider must be one of openai, ollama")]
    [InlineData("ollama", "", "", "", "Embeddings:Model is empty")]
    [InlineData("", "http://localhost:1/v1", "", "", "Embeddings:Model is empty")]
    [InlineData("openai", "", "m", "", "Embeddings:BaseUrl is empty")]
    [InlineData("openai", "localhost:1234", "m", "", "Embeddings:BaseUrl must be")]
    [InlineData("openai", "http://me:pw@localhost", "m", "", "Embeddings:BaseUrl must be")]
    [InlineData("openai", "http://localhost/?key=1", "m", "", "Embeddings:BaseUrl must be")]
    [InlineData("openai", "http://localhost", "m", "sk-one\nX-Other: two", "Embeddings:ApiKey has characters")]
    public void Options_Wrong_SayWhichAndWhy(string provider, string baseUrl, string model, string key, string message)
    {
        var problem = Assert.Single(Problems(new() { Provider = provider, BaseUrl = baseUrl, Model = model, ApiKey = key }));
        Assert.StartsWith(message, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-one", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_AsText_HaveNoKey() =>
        Assert.Equal("openai:m@8", new EmbeddingOptions { Provider = "openai", Model = "m", Dimensions = 8, ApiKey = "sk-secret" }.ToString());

    [Theory]
    [InlineData("", "http://localhost:11434/api/embed")]
    [InlineData("http://box:1/prefix", "http://box:1/prefix/api/embed")]
    [InlineData("http://box:1/prefix/", "http://box:1/prefix/api/embed")]
    public void Address_BelowTheBase_KeepsItsPath(string baseUrl, string address) => Assert.Equal(address, (Options with { BaseUrl = baseUrl }).Address("api/embed").AbsoluteUri);

    private static string Text(Action<TempLibrary> write, EmbeddingOptions? options = null)
    {
        using var library = new TempLibrary();
        write(library);
        return EmbeddingText.Of(Assert.Single(library.Scan().Entries), options ?? Options);
    }

    private static List<string> Problems(EmbeddingOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), results, validateAllProperties: true);
        return results.ConvertAll(result => result.ErrorMessage!);
    }
}
