using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Jarvis.Catalog.Formats;
using Jarvis.ServiceDefaults.Lists;

namespace Jarvis.Catalog.Authoring;

/// <summary>Reads a request's body into an <see cref="AgentDraft"/>; what is wrong with each field goes to the errors, every one.</summary>
public sealed partial class DraftReader
{
    public const int MaxName = 64;
    public const int MaxDescription = 5_000;
    public const int MaxPromptBytes = 262_144;
    public const int MaxInitialPrompt = 5_000;

    /// <summary>Below what the reader of files looks through for the end of the front matter.</summary>
    public const int MaxFrontMatter = 60_000;

    private const int MaxItems = 100;
    private const int MaxItem = 200;
    private const int MaxWord = 100;

    private static readonly string[] PermissionModes = ["default", "acceptEdits", "auto", "dontAsk", "bypassPermissions", "plan"];
    private static readonly string[] Memories = ["user", "project", "local"];
    private static readonly string[] Efforts = ["low", "medium", "high", "xhigh", "max"];
    private static readonly string[] Isolations = ["worktree"];
    private static readonly string[] Colors = ["red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"];

    // As files agents/skill.md and agents/template.md would be a skill and a template.
    private static readonly string[] NamesOfOtherFiles = ["skill", "template"];

    private readonly JsonElement _body;
    private readonly QueryReader _errors;

    private DraftReader(JsonElement body, QueryReader errors) => (_body, _errors) = (body, errors);

    /// <summary>Reads the body; the result is of no use when there are errors.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="name">The agent that is replaced, whose name the body may leave out but not change; null for a new one.</param>
    /// <param name="errors">Gets what is wrong.</param>
    public static AgentDraft Read(JsonElement body, string? name, QueryReader errors) => new DraftReader(body, errors).Read(name);

    private AgentDraft Read(string? name)
    {
        if (IsThere("hooks"))
            _errors.Wrong("hooks", "cannot be set here, since hooks run commands: keep such an agent in a file");

        var draft = new AgentDraft
        {
            Name = NameOf(name),
            Description = Text("description", MaxDescription, required: true, lines: true) ?? "",
            SystemPrompt = Prompt(),
            Tools = List("tools"),
            DisallowedTools = List("disallowed_tools"),
            Model = Matching("model", ModelName(), "must be a model's name such as sonnet, inherit or a full id"),
            PermissionMode = OneOf("permission_mode", PermissionModes),
            MaxTurns = Whole("max_turns", 1, 10_000),
            Skills = List("skills"),
            McpServers = List("mcp_servers", "must be names of MCP servers: a definition may hold secrets, keep it in .mcp.json"),
            Memory = OneOf("memory", Memories),
            Background = Flag("background"),
            Effort = OneOf("effort", Efforts),
            Isolation = OneOf("isolation", Isolations),
            InitialPrompt = Text("initial_prompt", MaxInitialPrompt, lines: true),
            Color = OneOf("color", Colors),
            Category = Matching("category", Words(), "must be lower-case letters, digits and single hyphens between them"),
            Tags = List("tags"),
        };
        if (AgentMarkdown.FrontMatterLength(draft) > MaxFrontMatter)
            _errors.Wrong("front_matter", $"all fields but system_prompt must have at most {MaxFrontMatter} characters together");
        return draft;
    }

    private string NameOf(string? current)
    {
        if (current is not null && !IsThere("name"))
            return current;
        var name = Text("name", MaxName, required: true);
        if (name is null)
            return current ?? "";
        if (current is not null && name != current)
            _errors.Wrong("name", $"cannot be changed from '{current}': make a new agent and delete this one");
        else if (!Words().IsMatch(name))
            _errors.Wrong("name", "must be lower-case letters, digits and single hyphens between them");
        else if (NamesOfOtherFiles.Contains(name, StringComparer.Ordinal))
            _errors.Wrong("name", $"cannot be '{name}': a file of this name is not read as an agent");
        return name;
    }

    private string Prompt()
    {
        var text = Raw("system_prompt", required: true, lines: true)?.Trim('\n');
        if (text is null)
            return "";
        if (string.IsNullOrWhiteSpace(text))
            _errors.Wrong("system_prompt", "must not be blank");
        else if (Encoding.UTF8.GetByteCount(text) > MaxPromptBytes)
            _errors.Wrong("system_prompt", $"must have at most {MaxPromptBytes} bytes in UTF-8");
        return text;
    }

    private string? Text(string name, int max, bool required = false, bool lines = false)
    {
        var text = Raw(name, required, lines)?.Trim();
        if (text is null || text.Length is > 0 && text.Length <= max)
            return text;
        _errors.Wrong(name, $"must have 1 to {max} characters");
        return null;
    }

    /// <summary>A text without control characters; with <paramref name="lines"/> it may have tabs and line ends, which become line feeds.</summary>
    private string? Raw(string name, bool required, bool lines)
    {
        if (IsThere(name))
            return Plain(name, _body.GetProperty(name), lines);
        if (required)
            _errors.Wrong(name, "is required");
        return null;
    }

    private string? Plain(string name, JsonElement value, bool lines)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            _errors.Wrong(name, "must be a text");
            return null;
        }

        if (TryGetString(value) is not { } text)
        {
            _errors.Wrong(name, "has text that is not valid Unicode");
            return null;
        }

        // It would be shown masked from then on, and a client that writes back what it read would write the mask.
        if (LiteralSecrets.Has(text, TextSort.Prose))
        {
            _errors.Wrong(name, "has what looks like a literal secret: write ${NAME} and keep the value in the environment");
            return null;
        }

        if (lines)
            text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (!text.Any(character => char.IsControl(character) && !(lines && character is '\n' or '\t')))
            return text;
        _errors.Wrong(name, lines ? "has control characters other than tabs and line ends" : "has control characters or line ends");
        return null;
    }

    private string? OneOf(string name, string[] allowed)
    {
        var text = Text(name, MaxWord);
        if (text is not null && !allowed.Contains(text, StringComparer.Ordinal))
            _errors.Wrong(name, $"must be one of {string.Join(", ", allowed)}");
        return text;
    }

    private string? Matching(string name, Regex pattern, string rule)
    {
        if (Text(name, MaxWord) is not { } text)
            return null;
        if (!pattern.IsMatch(text))
            _errors.Wrong(name, rule);
        return text;
    }

    private int? Whole(string name, int min, int max)
    {
        if (!IsThere(name))
            return null;
        if (_body.GetProperty(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number >= min && number <= max)
            return number;
        _errors.Wrong(name, $"must be a whole number between {min} and {max}");
        return null;
    }

    private bool? Flag(string name)
    {
        if (!IsThere(name))
            return null;
        if (_body.GetProperty(name).ValueKind is var kind and (JsonValueKind.True or JsonValueKind.False))
            return kind == JsonValueKind.True;
        _errors.Wrong(name, "must be true or false");
        return null;
    }

    private List<string> List(string name, string rule = "must be a list of texts")
    {
        if (!IsThere(name))
            return [];
        var value = _body.GetProperty(name);
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            _errors.Wrong(name, rule);
            return [];
        }

        if (value.GetArrayLength() > MaxItems)
        {
            _errors.Wrong(name, $"must have at most {MaxItems} items");
            return [];
        }

        var items = new List<string>();
        foreach (var (index, item) in value.EnumerateArray().Index())
        {
            if (Plain($"{name}[{index}]", item, lines: false)?.Trim() is not { } text)
                continue;
            if (text.Length is 0 or > MaxItem)
                _errors.Wrong($"{name}[{index}]", $"must have 1 to {MaxItem} characters");
            else if (!items.Contains(text, StringComparer.Ordinal))
                items.Add(text);
        }

        return items;
    }

    private static string? TryGetString(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return null;
        }
    }

    private bool IsThere(string name) =>
        _body.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Words();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:/@\[\]-]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex ModelName();
}
