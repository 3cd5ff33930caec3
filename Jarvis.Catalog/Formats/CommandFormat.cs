using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>A slash command: all front matter is optional, the folders give its namespace, the body holds placeholders.</summary>
public static class CommandFormat
{
    public static Command Read(MatterFields fields, string name, string description, string[] subFolders)
    {
        if (fields.Matter.Values.ContainsKey("tools") && !fields.Matter.Values.ContainsKey("allowed-tools"))
            fields.Note(DiagnosticState.Ok, "field_misplaced", "tools is an agent's field; a command's is allowed-tools.", "Rename it to allowed-tools.", "tools", DiagnosticSeverity.Warning);

        return new()
        {
            Name = name,
            Description = description,
            Namespace = subFolders.Length > 0 ? string.Join(':', subFolders) : null,
            Invocation = "/" + string.Join(':', [.. subFolders, name]),
            ArgumentHint = HintOf(fields.Matter),
            AllowedTools = fields.List("allowed-tools", atBlanks: true),
            Model = AgentFormat.ModelOf(fields),
            DisableModelInvocation = fields.Flag("disable-model-invocation") ?? false,
            Placeholders = Placeholders.In(fields.Matter.Body),
        };
    }

    /// <summary><c>[file]</c> is a list to YAML; its author meant the brackets.</summary>
    public static string? HintOf(FrontMatter matter) => matter.Values.GetValueOrDefault("argument-hint") is List<object?>
        ? (matter.Written("argument-hint") is { } written ? LiteralSecrets.Mask(written, TextSort.Prose).Text : matter.Text("argument-hint")) : matter.Text("argument-hint");
}
