using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.Catalog.Resources;

/// <summary>Version 1's agents, by name. These shapes are for the API description: the answers are put together from bytes that are ready.</summary>
/// <param name="Count">How many there are, whatever <c>limit</c> says.</param>
public sealed record LegacyAgents(bool Success, IReadOnlyDictionary<string, Agent> Agents, int Count, EnvelopeMetadata Metadata);

/// <summary>Version 1's commands, by name.</summary>
public sealed record LegacyCommands(bool Success, IReadOnlyDictionary<string, Command> Commands, int Count, EnvelopeMetadata Metadata);

/// <summary>Version 1's skills, by name.</summary>
public sealed record LegacySkills(bool Success, IReadOnlyDictionary<string, Skill> Skills, int Count, EnvelopeMetadata Metadata);

/// <summary>Version 1's MCP servers, by name.</summary>
public sealed record LegacyMcpServers(bool Success, IReadOnlyDictionary<string, McpServer> McpServers, int Count, EnvelopeMetadata Metadata);

/// <summary>Version 1's workflows, by name.</summary>
public sealed record LegacyWorkflows(bool Success, IReadOnlyDictionary<string, Workflow> Workflows, int Count, EnvelopeMetadata Metadata);
