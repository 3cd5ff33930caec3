using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Jarvis.Catalog.Authoring;

/// <summary>An agent as the <c>.md</c> file that it would be: front matter under Claude Code's keys, a blank line, the system prompt, a line end.</summary>
public static partial class AgentMarkdown
{
    public static string Write(AgentDraft draft) => $"---\n{FrontMatter(draft)}---\n\n{draft.SystemPrompt}\n";

    public static int FrontMatterLength(AgentDraft draft) => FrontMatter(draft).Length;

    private static StringBuilder FrontMatter(AgentDraft draft)
    {
        var yaml = new StringBuilder();
        Text(yaml, "name", draft.Name);
        Text(yaml, "description", draft.Description);
        Tools(yaml, "tools", draft.Tools);
        Tools(yaml, "disallowedTools", draft.DisallowedTools);
        Text(yaml, "model", draft.Model);
        Text(yaml, "permissionMode", draft.PermissionMode);
        Plain(yaml, "maxTurns", draft.MaxTurns?.ToString(CultureInfo.InvariantCulture));
        List(yaml, "skills", draft.Skills);
        List(yaml, "mcpServers", draft.McpServers);
        Text(yaml, "memory", draft.Memory);
        Plain(yaml, "background", draft.Background is { } background ? (background ? "true" : "false") : null);
        Text(yaml, "effort", draft.Effort);
        Text(yaml, "isolation", draft.Isolation);
        Text(yaml, "initialPrompt", draft.InitialPrompt);
        Text(yaml, "color", draft.Color);
        Text(yaml, "category", draft.Category);
        List(yaml, "tags", draft.Tags);
        return yaml;
    }

    private static void Text(StringBuilder yaml, string key, string? value) => Plain(yaml, key, value is null ? null : YamlScalar.Of(value));

    private static void Plain(StringBuilder yaml, string key, string? value)
    {
        if (value is not null)
            yaml.Append(key).Append(": ").Append(value).Append('\n');
    }

    // One line of names is what Claude Code itself writes; a name that a comma or a bracket could break needs the list.
    private static void Tools(StringBuilder yaml, string key, IReadOnlyList<string> tools)
    {
        if (tools.Count > 0 && tools.All(tool => ToolName().IsMatch(tool)))
            Text(yaml, key, string.Join(", ", tools));
        else
            List(yaml, key, tools);
    }

    private static void List(StringBuilder yaml, string key, IReadOnlyList<string> items)
    {
        if (items.Count == 0)
            return;
        yaml.Append(key).Append(":\n");
        foreach (var item in items)
            yaml.Append("  - ").Append(YamlScalar.Of(item)).Append('\n');
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_-]*(\([A-Za-z][A-Za-z0-9 _:*/.-]*\))?\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ToolName();
}
