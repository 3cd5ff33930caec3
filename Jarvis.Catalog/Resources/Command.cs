using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Resources;

/// <summary>A slash command.</summary>
public sealed record Command : Resource
{
    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.Command;

    /// <summary>Sub-folders below <c>commands</c>, joined by colons; null at its top.</summary>
    public string? Namespace { get; init; }

    /// <summary>What one types, such as <c>/git:commit</c>.</summary>
    public required string Invocation { get; init; }

    public string? ArgumentHint { get; init; }

    public IReadOnlyList<string> AllowedTools { get; init; } = [];

    public string? Model { get; init; }

    /// <summary>Whether only people may call it.</summary>
    public bool DisableModelInvocation { get; init; }

    /// <summary><c>$ARGUMENTS</c>, <c>$ARGUMENTS[0]</c>, <c>$1</c>, <c>@file</c> and <c>!`command`</c> as they occur in the body: listed, never run.</summary>
    public IReadOnlyList<string> Placeholders { get; init; } = [];
}
