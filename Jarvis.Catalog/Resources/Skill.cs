using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Resources;

/// <summary>An agent skill: <c>SKILL.md</c> and what lies beside it.</summary>
public sealed record Skill : Resource
{
    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.Skill;

    public string? License { get; init; }

    public string? Compatibility { get; init; }

    public IReadOnlyList<string> AllowedTools { get; init; } = [];

    /// <summary>Bundled files, relative to the skill's folder; at most 200 of <see cref="FileCount"/>.</summary>
    public IReadOnlyList<BundledFile> Files { get; init; } = [];

    public int FileCount { get; init; }
}

public sealed record BundledFile(string Path, long SizeBytes);
