using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Resources;

/// <summary>An MCP server as it is configured; literal secrets are <c>•••</c>, <c>${VAR}</c> stays.</summary>
public sealed record McpServer : Resource
{
    internal static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>(StringComparer.Ordinal);

    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.McpServer;

    /// <summary><c>stdio</c>, <c>http</c>, <c>sse</c>, <c>streamable-http</c>, <c>ws</c>, or what the file says when it is none of these.</summary>
    public required string Transport { get; init; }

    /// <summary>What the file says, when it says it in another way or not at all (null).</summary>
    public string? TransportGiven { get; init; }

    public string? Command { get; init; }

    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>The folder that it runs in.</summary>
    public string? Cwd { get; init; }

    public IReadOnlyDictionary<string, string> Env { get; init; } = Nothing;

    public string? Url { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = Nothing;

    public bool Disabled { get; init; }

    /// <summary><c>user</c> or <c>project</c>, of servers in <c>.claude.json</c>.</summary>
    public string? Scope { get; init; }

    /// <summary>Tells the projects of <c>.claude.json</c> apart: six digits that follow from the project's folder, which itself is not told.</summary>
    public string? Project { get; init; }

    /// <summary>Of a registry's <c>server.json</c>.</summary>
    public string? Title { get; init; }

    public string? Version { get; init; }

    public string? Repository { get; init; }

    /// <summary>Every package and remote of a registry's <c>server.json</c>; the server's own fields are those of the first.</summary>
    public IReadOnlyList<McpTransport> Transports { get; init; } = [];
}

/// <summary>One way to reach a server.</summary>
/// <param name="Type">As <see cref="McpServer.Transport"/>.</param>
/// <param name="Package">What is to be run; null for a remote.</param>
/// <param name="Command">That starts the package with the usual tool of its registry; null when there is none.</param>
public sealed record McpTransport(
    string Type, McpPackage? Package, string? Command, IReadOnlyList<string> Args, IReadOnlyDictionary<string, string> Env, string? Url, IReadOnlyDictionary<string, string> Headers);

/// <summary>A package.</summary>
/// <param name="RegistryType"><c>npm</c>, <c>pypi</c>, <c>oci</c>, <c>nuget</c>, <c>mcpb</c> or what the file says.</param>
public sealed record McpPackage(string RegistryType, string Identifier, string? Version);
