using System.Text.RegularExpressions;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>Agents, commands and skills: Markdown with front matter, as Claude Code and agentskills.io describe them.</summary>
public static partial class MarkdownFormat
{
    private const string MediaType = "text/markdown";
    private const int MaxPlaceholders = 50;

    public static ParsedFile Parse(FileReading file)
    {
        var matter = FrontMatter.Read(file.Text);
        if (KindOf(file.Classified, matter) is not { } kind)
            return LeaveOut(file, matter);

        switch (matter.State)
        {
            case FrontMatterState.Absent:
                file.Note(kind, DiagnosticState.Degraded, "front_matter_missing", "The file has no front matter; name and description were taken from its name and text.",
                    "Begin it with --- lines that hold name: and description:.", 1);
                break;
            case FrontMatterState.Recovered:
                file.Note(kind, DiagnosticState.Recovered, "yaml_invalid", $"{matter.Problem} Its lines were read one by one.",
                    "Put values with a colon, a bracket or an asterisk in quotes.", matter.ProblemLine);
                break;
        }

        file.Add(Build(file, matter, kind), file.Text, MediaType, matter.Body);
        return file.Done();
    }

    private static ResourceKind? KindOf(Classified classified, FrontMatter matter)
    {
        if (classified.Role != FileRole.Markdown)
            return classified.NeedsFrontMatter && matter.Values.Count == 0 ? null : classified.Kind;
        if (matter.State != FrontMatterState.Yaml)
            return null;
        if (matter.Values.ContainsKey("argument-hint") || matter.Values.ContainsKey("allowed-tools") || matter.Body.Contains("$ARGUMENTS", StringComparison.Ordinal))
            return ResourceKind.Command;
        return matter.Text("name") is not null && matter.Text("description") is not null && (matter.Values.ContainsKey("tools") || matter.Values.ContainsKey("model"))
            ? ResourceKind.Agent : null;
    }

    private static ParsedFile LeaveOut(FileReading file, FrontMatter matter)
    {
        if (file.Classified.Role is not (FileRole.Agent or FileRole.Skill) && !IsInFolderOf(file, "commands"))
            return file.Nothing();
        file.Note(file.Classified.Kind, DiagnosticState.Ok, "documentation", matter.State == FrontMatterState.Absent
            ? "It reads as documentation: its name or its folder says so, and it has no front matter."
            : "It reads as documentation: its front matter is empty.", "Give it front matter if it is meant to be used.");
        return file.Done();
    }

    private static bool IsInFolderOf(FileReading file, string folder) =>
        Classifier.Folder(file.Path).Split('/').Contains(folder, StringComparer.OrdinalIgnoreCase);

    private static Resource Build(FileReading file, FrontMatter matter, ResourceKind kind)
    {
        var named = matter.Text("name");
        var folder = Classifier.FileName(Classifier.Folder(file.Path));
        var name = kind switch
        {
            ResourceKind.Command => file.Stem,
            ResourceKind.Skill => named ?? (folder.Length > 0 ? folder : file.Source.FolderName),
            _ => named ?? file.Stem,
        };
        if (named is null && kind != ResourceKind.Command && matter.State != FrontMatterState.Absent)
            file.Note(kind, DiagnosticState.Degraded, "name_missing", $"The front matter has no name; it was taken from the {(kind == ResourceKind.Skill ? "folder" : "file")}.", "Add name: to it.", 1);

        var description = matter.Text("description") ?? MarkdownText.FirstSentence(matter.Body);
        if (matter.Text("description") is null && kind != ResourceKind.Command && matter.State != FrontMatterState.Absent)
            file.Note(kind, DiagnosticState.Degraded, "description_missing", "The front matter has no description; the text's beginning stands in.", "Add description: to it.", 1);

        var subFolders = file.Classified.SubFolders;
        Resource resource = kind switch
        {
            ResourceKind.Agent => AgentOf(matter, name, description),
            ResourceKind.Command => CommandOf(matter, name, description, subFolders),
            _ => SkillOf(matter, name, description),
        };
        var category = matter.Text("category") ?? (kind == ResourceKind.Skill ? null : subFolders.LastOrDefault());
        return resource with { Category = SlugOrNull(category), Tags = matter.List("tags") };
    }

    private static Agent AgentOf(FrontMatter matter, string name, string description) => new()
    {
        Name = name,
        Description = description,
        Model = matter.Text("model"),
        Tools = matter.List("tools"),
        DisallowedTools = matter.List("disallowedTools"),
        Skills = matter.List("skills"),
        Color = matter.Text("color"),
    };

    private static Command CommandOf(FrontMatter matter, string name, string description, string[] subFolders) => new()
    {
        Name = name,
        Description = description,
        Namespace = subFolders.Length > 0 ? string.Join(':', subFolders) : null,
        Invocation = "/" + string.Join(':', [.. subFolders, name]),
        ArgumentHint = matter.Text("argument-hint"),
        AllowedTools = matter.List("allowed-tools"),
        Model = matter.Text("model"),
        Placeholders = [.. Placeholder().Matches(matter.Body).Select(match => match.Value).Distinct(StringComparer.Ordinal).Take(MaxPlaceholders)],
    };

    private static Skill SkillOf(FrontMatter matter, string name, string description) => new()
    {
        Name = name,
        Description = description,
        License = matter.Text("license"),
        Compatibility = matter.Text("compatibility"),
        AllowedTools = matter.List("allowed-tools"),
    };

    private static string? SlugOrNull(string? text) => text is not null && Slug.Of(text) is { Length: > 0 } slug ? slug : null;

    // $ARGUMENTS, $1; !`cmd` at a word's start; @path that has a dot or a slash, so that e-mail addresses and decorators stay out.
    // Every repetition is bounded: the work stays proportional to the text.
    [GeneratedRegex(@"\$ARGUMENTS\b|\$[1-9]\b|(?<![\w`])!`[^`\r\n]{1,200}`|(?<![\w@`])@(\$[1-9]|[\w~-]{0,60}[/.][\w./-]{0,150}\w)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2_000)]
    private static partial Regex Placeholder();
}
