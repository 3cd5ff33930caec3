namespace Jarvis.Catalog.Resources;

/// <summary>The five kinds of resources.</summary>
public enum ResourceKind
{
    Agent,
    Command,
    Skill,
    McpServer,
    Workflow,
}

public static class ResourceKinds
{
    public static readonly IReadOnlyList<ResourceKind> All = Enum.GetValues<ResourceKind>();

    /// <summary>The kind as JSON and query strings have it, such as <c>mcp_server</c>.</summary>
    public static string Word(this ResourceKind kind) => kind switch
    {
        ResourceKind.Agent => "agent",
        ResourceKind.Command => "command",
        ResourceKind.Skill => "skill",
        ResourceKind.McpServer => "mcp_server",
        _ => "workflow",
    };

    /// <summary>The kind in a path, such as <c>mcp-servers</c>.</summary>
    public static string Route(this ResourceKind kind) => $"{kind.Word().Replace('_', '-')}s";

    /// <summary>The kind's resources as JSON has them, such as <c>mcp_servers</c>.</summary>
    public static string Plural(this ResourceKind kind) => $"{kind.Word()}s";

    /// <summary>The kind in a sentence.</summary>
    public static string Spoken(this ResourceKind kind) => kind == ResourceKind.McpServer ? "MCP server" : kind.Word();
}
