using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Resources;

/// <summary>An agent skill: <c>SKILL.md</c> and what lies beside it.</summary>
public sealed record Skill : Resource
{
    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.Skill;

    public string? License { get; init; }

    public string? Compatibility { get; init; }

    /// <summary>What the author says besides, such as a version; null when nothing.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public IReadOnlyList<string> AllowedTools { get; init; } = [];

    public string? Model { get; init; }

    public string? Effort { get; init; }

    /// <summary>Whether only people may call it.</summary>
    public bool DisableModelInvocation { get; init; }

    /// <summary>Whether it stands in the menu of slash commands.</summary>
    public bool UserInvocable { get; init; } = true;

    public string? ArgumentHint { get; init; }

    /// <summary><c>fork</c> when it runs in a sub-agent.</summary>
    public string? Context { get; init; }

    /// <summary>The sub-agent that runs it.</summary>
    public string? Agent { get; init; }

    /// <summary>Events that it has hooks for.</summary>
    public IReadOnlyList<string> Hooks { get; init; } = [];

    public string? WhenToUse { get; init; }

    /// <summary>Globs of the files that it is for.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Bundled files, relative to the skill's folder; at most 200 of <see cref="FileCount"/>.</summary>
    public IReadOnlyList<BundledFile> Files { get; init; } = [];

    public int FileCount { get; init; }
}

public sealed record BundledFile(string Path, long SizeBytes);
