using Jarvis.ServiceDefaults.Lists;

namespace Jarvis.Catalog.Resources;

/// <summary>A page of agents.</summary>
public sealed record AgentPage(IReadOnlyList<Agent> Agents, Pagination Pagination);

/// <summary>A page of commands.</summary>
public sealed record CommandPage(IReadOnlyList<Command> Commands, Pagination Pagination);

/// <summary>A page of skills.</summary>
public sealed record SkillPage(IReadOnlyList<Skill> Skills, Pagination Pagination);

/// <summary>A page of MCP servers.</summary>
public sealed record McpServerPage(IReadOnlyList<McpServer> McpServers, Pagination Pagination);

/// <summary>A page of workflows.</summary>
public sealed record WorkflowPage(IReadOnlyList<Workflow> Workflows, Pagination Pagination);

/// <summary>A resource's text.</summary>
/// <param name="Content">With literal secrets masked: of an MCP server its definition, of a workflow its export without recorded data, else as the file has it.</param>
/// <param name="MediaType"><c>text/markdown</c> or <c>application/json</c>.</param>
/// <param name="Encoding">The file's own: <c>utf-8</c>, <c>utf-8-bom</c>, <c>utf-16le</c>, <c>utf-16be</c> or <c>latin-1</c>.</param>
public sealed record ContentAnswer(string Id, string Content, string MediaType, string Encoding, long SizeBytes, DateTimeOffset UpdatedAt);
