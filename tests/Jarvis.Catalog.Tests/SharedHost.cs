namespace Jarvis.Catalog.Tests;

/// <summary>One service for all tests that only read.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    public CatalogHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await CatalogHost.StartAsync(new TempLibrary()
        .Agent("agents/ops/beta.md", "beta", "Second.").Agent("agents/alpha.md", "alpha", "First.").Agent("agents/ops/gamma.md", "gamma", "Third.")
        .Write("commands/git/ship.md", "---\ndescription: Ship it\n---\nGo")
        .Write(".mcp.json", """{"mcpServers": {"files": {"command": "x", "env": {"TOKEN": "s3cret"}}}}""")
        .Write("flows/hook.json", """{"name": "Hook", "connections": {}, "nodes": [{"name": "In", "type": "n8n-nodes-base.webhook", "parameters": {"path": "in"}}]}""")
        .Write("agents/bad.md", ""));

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
