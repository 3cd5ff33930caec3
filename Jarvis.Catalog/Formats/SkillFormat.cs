using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>A skill by the rules of agentskills.io/specification, with Claude Code's own fields. A rule that is broken is a diagnostic; the skill is served all the same.</summary>
public static class SkillFormat
{
    private const int MaxName = 64;
    private const int MaxDescription = 1_024;
    private const int MaxCompatibility = 500;

    /// <summary>Reads a skill and says which rules it breaks.</summary>
    /// <param name="fields">The front matter.</param>
    /// <param name="name">As it is served.</param>
    /// <param name="description">As it is served.</param>
    /// <param name="folder">The skill's own folder; empty when that is the plugin's or the root, which need not have its name.</param>
    public static Skill Read(MatterFields fields, string name, string description, string folder)
    {
        if (fields.Matter.Text("name") is { } given)
            CheckName(fields, given, folder);
        if (fields.Matter.Text("description") is { Length: > MaxDescription } described)
            Broken(fields, "skill_description_too_long", $"The description has {described.Length} characters; {MaxDescription} are allowed.", "Say what it does and when to use it, and leave the rest to the text.", "description");
        var compatibility = fields.Text("compatibility");
        if (compatibility is { Length: > MaxCompatibility })
            Broken(fields, "skill_compatibility_too_long", $"compatibility has {compatibility.Length} characters; {MaxCompatibility} are allowed.", "Shorten it.", "compatibility");
        if (fields.Matter.Values.GetValueOrDefault("metadata") is { } metadata and not "" && !IsTextMap(metadata))
            Broken(fields, "skill_metadata_invalid", "metadata is not a mapping of texts; what does not fit was left out.", "Write key: text lines below it.", "metadata", DiagnosticState.Degraded);

        return new()
        {
            Name = name,
            Description = description,
            License = fields.Text("license"),
            Compatibility = compatibility,
            Metadata = MapOf(fields.Matter.Values.GetValueOrDefault("metadata")),
            AllowedTools = fields.List("allowed-tools", atBlanks: true),
            Model = AgentFormat.ModelOf(fields),
            Effort = AgentFormat.EffortOf(fields),
            DisableModelInvocation = fields.Flag("disable-model-invocation") ?? false,
            UserInvocable = fields.Flag("user-invocable") ?? true,
            ArgumentHint = CommandFormat.HintOf(fields.Matter),
            Context = fields.Word("context", "fork"),
            Agent = fields.Text("agent"),
            Hooks = fields.Keys("hooks"),
            WhenToUse = fields.Text("when_to_use"),
            Paths = fields.List("paths"),
        };
    }

    private static void CheckName(MatterFields fields, string name, string folder)
    {
        if (name.Length > MaxName)
            Broken(fields, "skill_name_too_long", $"The name has {name.Length} characters; {MaxName} are allowed.", "Shorten it.", "name");
        if (name.Any(character => !char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character != '-'))
            Broken(fields, "skill_name_characters", $"The name '{MatterFields.Clip(name)}' has other characters than a-z, 0-9 and hyphens.", $"Call it {Suggestion(name)}.", "name");
        if (name.StartsWith('-') || name.EndsWith('-') || name.Contains("--", StringComparison.Ordinal))
            Broken(fields, "skill_name_hyphens", $"The name '{MatterFields.Clip(name)}' begins or ends with a hyphen, or has two in a row.", $"Call it {Suggestion(name)}.", "name");
        if (folder.Length > 0 && name != folder)
            Broken(fields, "skill_name_not_folder", $"The name '{MatterFields.Clip(name)}' is not that of its folder, '{MatterFields.Clip(folder)}'.", "Give both the same name: Claude Code calls a skill by its folder.", "name");
    }

    private static string Suggestion(string name) => Slug.Of(name) is { Length: > 0 } slug ? slug[..Math.Min(slug.Length, MaxName)].TrimEnd('-') : "by another name";

    private static void Broken(MatterFields fields, string code, string reason, string fix, string key, DiagnosticState state = DiagnosticState.Ok) =>
        fields.Note(state, code, reason, fix, key, DiagnosticSeverity.Warning);

    private static bool IsTextMap(object value) => value is Dictionary<string, object?> map && map.Values.All(item => item is string);

    private static Dictionary<string, string>? MapOf(object? value) => value is Dictionary<string, object?> map
        ? map.Where(pair => pair.Value is string).ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal) : null;
}
