using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>What the front matter of a sub-agent says (Claude Code, "Create custom subagents": supported front matter fields).</summary>
public static class AgentFormat
{
    public static Agent Read(MatterFields fields, string name, string description)
    {
        if (fields.Matter.Values.ContainsKey("allowed-tools") && !fields.Matter.Values.ContainsKey("tools"))
            fields.Note(DiagnosticState.Ok, "field_misplaced", "allowed-tools is a command's field; an agent's is tools, without which it has all tools.", "Rename it to tools.", "allowed-tools", DiagnosticSeverity.Warning);

        return new()
        {
            Name = name,
            Description = description,
            Model = ModelOf(fields),
            Tools = fields.List("tools"),
            DisallowedTools = fields.List("disallowedTools"),
            PermissionMode = fields.Word("permissionMode", "default", "acceptEdits", "auto", "dontAsk", "bypassPermissions", "plan", "delegate", "manual"),
            MaxTurns = fields.Count("maxTurns"),
            Skills = fields.List("skills"),
            McpServers = InlineServers.Names(fields.Matter),
            Hooks = fields.Keys("hooks"),
            Memory = fields.Word("memory", "user", "project", "local"),
            Background = fields.Flag("background") ?? false,
            Effort = EffortOf(fields),
            Isolation = fields.Word("isolation", "worktree", "remote"),
            InitialPrompt = fields.Text("initialPrompt"),
            Color = fields.Word("color", "red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"),
        };
    }

    /// <summary>An alias or a model's full name; providers put their own words around <c>claude</c>.</summary>
    public static string? ModelOf(MatterFields fields) => fields.Word(
        "model", model => model.Contains("claude", StringComparison.OrdinalIgnoreCase)
            || (model.EndsWith("[1m]", StringComparison.Ordinal) ? model[..^4] : model) is "sonnet" or "opus" or "haiku" or "fable" or "opusplan" or "best" or "default" or "inherit",
        "sonnet, opus, haiku, fable, opusplan, best, default, inherit and full names such as claude-sonnet-4-5");

    public static string? EffortOf(MatterFields fields) => fields.Word("effort", "low", "medium", "high", "xhigh", "max");
}
