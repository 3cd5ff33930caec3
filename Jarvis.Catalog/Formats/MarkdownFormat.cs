using System.Buffers;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>Agents, commands and skills: Markdown with front matter, as Claude Code and agentskills.io describe them.</summary>
public static class MarkdownFormat
{
    private const string MediaType = "text/markdown";

    // Claude Code cuts a description in its listings there.
    private const int LongDescription = 1_536;
    private const int LargeFile = 65_536;
    private const int MaxTags = 100;
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

    public static ParsedFile Parse(FileReading file)
    {
        var matter = FrontMatter.Read(file.Text);
        if (KindOf(file.Classified, matter) is not { } kind)
            return LeaveOut(file, matter);

        switch (matter.State)
        {
            case FrontMatterState.Absent:
                // A command needs none: its file names it.
                file.Note(kind, kind == ResourceKind.Command ? DiagnosticState.Ok : DiagnosticState.Degraded, "front_matter_missing",
                    "The file has no front matter; name and description were taken from its name and text.",
                    kind == ResourceKind.Command ? "Begin it with --- lines that hold description:." : "Begin it with --- lines that hold name: and description:.", 1);
                break;
            case FrontMatterState.Recovered:
                file.Note(kind, DiagnosticState.Recovered, "yaml_invalid", $"{matter.Problem} Its lines were read one by one.",
                    "Put values with a colon, a bracket or an asterisk in quotes.", matter.ProblemLine);
                break;
        }

        NoteText(file, kind);
        // Every field, the description that is taken from the body, and what is searched know only what is served.
        var served = MarkdownSecrets.Of(file, matter, kind);
        file.Add(Build(file, served.Matter, kind), served.Text, MediaType, served.Matter.Body);
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

    // What costs a reader of the file something without being wrong.
    private static void NoteText(FileReading file, ResourceKind kind)
    {
        if (file.Text.AsSpan().IndexOf('\r') is var end and >= 0)
        {
            file.Note(kind, DiagnosticState.Ok, "line_endings", "Its lines end in CR LF or CR; they are read as they are.", "Save it with LF line ends if it is shared with Unix systems.",
                file.Text.AsSpan(0, end).Count('\n') + 1);
        }

        if (file.Entry.Stamp.Size > LargeFile)
        {
            file.Note(kind, DiagnosticState.Ok, "large_file", $"The file has {file.Entry.Stamp.Size} bytes, all of which fill a model's context.", "Move what is seldom needed to files of its own.");
        }

        if (file.Classified.Undeclared)
        {
            file.Note(kind, DiagnosticState.Ok, "not_declared", "The plugin's manifest names other paths for its kind, so that Claude Code does not load this file.",
                "Name its path in .claude-plugin/plugin.json too, or remove it.", null, DiagnosticSeverity.Warning);
        }
    }

    private static Resource Build(FileReading file, FrontMatter matter, ResourceKind kind)
    {
        var fields = new MatterFields(file, matter, kind);
        var named = fields.Text("name");
        var folder = Classifier.FileName(Classifier.Folder(file.Path));
        var name = kind switch
        {
            ResourceKind.Command => file.Stem,
            ResourceKind.Skill => named ?? (folder.Length > 0 ? folder : file.Source.FolderName),
            _ => named ?? file.Stem,
        };
        if (named is null && kind != ResourceKind.Command && matter.State != FrontMatterState.Absent)
            file.Note(kind, DiagnosticState.Degraded, "name_missing", $"The front matter has no name; it was taken from the {(kind == ResourceKind.Skill ? "folder" : "file")}.", "Add name: to it.", 1);
        NoteName(fields, kind, named, name, file.Stem);

        var described = fields.Text("description");
        if (described is null && kind != ResourceKind.Command && matter.State != FrontMatterState.Absent)
            file.Note(kind, DiagnosticState.Degraded, "description_missing", "The front matter has no description; the text's beginning stands in.", "Add description: to it.", 1);
        if (described?.Length > LongDescription && kind != ResourceKind.Skill)
            fields.Note(DiagnosticState.Ok, "description_long", $"The description has {described.Length} characters, all of which stand in every conversation.", $"Say in at most {LongDescription} what it is for, and leave the rest to the text.", "description");

        var description = described ?? MarkdownText.FirstSentence(matter.Body);
        var subFolders = file.Classified.SubFolders;
        Resource resource = kind switch
        {
            ResourceKind.Agent => AgentFormat.Read(fields, name, description),
            ResourceKind.Command => CommandFormat.Read(fields, name, description, subFolders),
            _ => SkillFormat.Read(fields, name, description, file.Classified.IsPluginRoot ? "" : folder),
        };
        var category = matter.Text("category") ?? (kind == ResourceKind.Skill ? null : subFolders.LastOrDefault());
        return resource with { Category = SlugOrNull(category), Tags = [.. matter.List("tags").Take(MaxTags)] };
    }

    private static void NoteName(MatterFields fields, ResourceKind kind, string? named, string name, string stem)
    {
        if (kind != ResourceKind.Skill && named is not null && Slug.Of(named) != Slug.Of(stem))
        {
            fields.Note(DiagnosticState.Ok, "name_not_file", kind == ResourceKind.Agent
                ? $"The name '{MatterFields.Clip(named)}' is not that of the file, '{MatterFields.Clip(stem)}'; the name counts."
                : $"The name '{MatterFields.Clip(named)}' is not that of the file, '{MatterFields.Clip(stem)}'; a command is called by its file.", "Give both the same name.", "name");
        }

        if (kind != ResourceKind.Skill && name.AsSpan().IndexOfAnyExcept(NameCharacters) >= 0)
        {
            fields.Note(DiagnosticState.Ok, "name_characters", $"The name '{MatterFields.Clip(name)}' has blanks, quotes or other characters that are hard to type and to refer to.",
                "Use a-z, 0-9 and hyphens.", "name");
        }
    }

    private static string? SlugOrNull(string? text) => text is not null && Slug.Of(text) is { Length: > 0 } slug ? slug : null;
}
