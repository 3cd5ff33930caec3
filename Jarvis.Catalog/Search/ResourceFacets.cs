using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Search;

/// <summary>What a resource can be narrowed by, in the words that filters and facets use.</summary>
public static class ResourceFacets
{
    /// <summary>The tools that it may use, or of a workflow its node types, each by its short name: <c>Bash(git:*)</c> is Bash, <c>n8n-nodes-base.slack</c> is slack.</summary>
    public static IEnumerable<string> Tools(Resource resource) => (resource switch
    {
        Agent agent => agent.Tools,
        Command command => command.AllowedTools,
        Skill skill => skill.AllowedTools,
        Workflow workflow => workflow.NodeTypes,
        _ => [],
    }).Select(Tool).Where(tool => tool.Length > 0).Distinct(StringComparer.Ordinal);

    /// <summary>A tool's short name.</summary>
    public static string Tool(string tool)
    {
        var end = tool.IndexOf('(', StringComparison.Ordinal);
        var name = end >= 0 ? tool[..end] : tool;
        return name[(name.LastIndexOf('.') + 1)..].Trim();
    }

    public static string? Model(Resource resource) => resource switch
    {
        Agent agent => agent.Model,
        Command command => command.Model,
        Skill skill => skill.Model,
        _ => null,
    };

    /// <summary>The kind that a filter's value names: <c>agent</c>, <c>agents</c>, <c>mcp</c>, <c>mcp-server</c>, …; null when it names none.</summary>
    public static ResourceKind? Kind(string value)
    {
        var word = value.Trim().ToLowerInvariant().Replace('-', '_').Replace(' ', '_').TrimEnd('s');
        foreach (var kind in ResourceKinds.All)
        {
            if (kind.Word() == word)
                return kind;
        }

        return word is "mcp" or "server" ? ResourceKind.McpServer : null;
    }
}
