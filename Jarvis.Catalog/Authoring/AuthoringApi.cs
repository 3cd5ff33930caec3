using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Catalog.Resources;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Jarvis.Catalog.Authoring;

/// <summary>Agents made here: written with optimistic concurrency (RFC 9110, 13.1.1), read like those of files.</summary>
public static class AuthoringApi
{
    private const string ReadOnly = "Agent 'code-reviewer' comes from agents/code-reviewer.md of the source 'library'. It is read-only here: edit that file.";

    private static JsonObject Wrong => new()
    {
        ["errors"] = new JsonObject { ["name"] = new JsonArray("must be 1 to 64 lower-case letters, digits and single hyphens"), ["max_turns"] = new JsonArray("must be between 1 and 10000") },
    };

    public static IEndpointRouteBuilder MapAuthoring(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/agents").WithTags("Catalog").WithPath("id", "The agent's id or name.", "tide-watcher");
        group.MapPost("/", CreateAsync).RequireAuthorization(Policies.Operator).Accepts<AgentBody>("application/json")
            .WithName("create-agent").WithSummary("Makes an agent: 201 when it is listed, served and found by search here").WithBody(typeof(AgentBody)).Judges("hooks").Answers(201)
            .WithAnswerHeader(201, "ETag", "The agent's version.", "\"3f9a1b7d2e485601\"").WithError(ErrorCode.Conflict, "There is an agent named 'tide-watcher' already.")
            .WithError(ErrorCode.Validation, "2 fields are wrong: name, max_turns.", Wrong);
        group.MapPut("/{id}", ReplaceAsync).RequireAuthorization(Policies.Operator).Accepts<AgentBody>("application/json").ProducesProblem(404).ProducesProblem(412).ProducesProblem(428)
            .WithName("replace-agent").WithSummary("Replaces an agent made here; If-Match says which version the client has seen. One of a file is read-only (409)")
            .WithBody(typeof(AgentBody)).Judges("hooks").WithIfMatch(required: true).WithAnswerHeader(200, "ETag", "The new version.", "\"3f9a1b7d2e485601\"")
            .WithError(ErrorCode.Conflict, ReadOnly).WithError(ErrorCode.ResourceNotFound, "No agent is named 'nobody'.");
        group.MapDelete("/{id}", DeleteAsync).RequireAuthorization(Policies.Operator).ProducesProblem(404).ProducesProblem(412)
            .WithName("delete-agent").WithSummary("Deletes an agent made here; with If-Match only the version that the client has seen").WithIfMatch(required: false)
            .WithError(ErrorCode.Conflict, ReadOnly).WithError(ErrorCode.ResourceNotFound, "No agent is named 'nobody'.");
        group.MapGet("/{id}/versions", VersionsAsync).ProducesProblem(404)
            .WithName("list-agent-versions").WithSummary("The versions of an agent made here, newest first").WithPaging().Judges("sort")
            .WithError(ErrorCode.ResourceNotFound, "No agent is named 'nobody'.").WithError(ErrorCode.ResourceNotFound, "'code-reviewer' comes from a file: only agents made here have versions here.");
        group.MapGet("/{id}/versions/{version:int}", VersionAsync).ProducesProblem(404)
            .WithName("get-agent-version").WithSummary("One version of an agent made here, with its text").WithPath("version", "The version, from 1.", 2)
            .WithError(ErrorCode.ResourceNotFound, "Agent 'tide-watcher' has no version 7, or no longer.");
        return api;
    }

    private static async Task<Results<Enveloped<Agent>, Failure>> CreateAsync(
        [FromBody] JsonElement body, AgentDesk desk, HttpContext context, CancellationToken cancellationToken)
    {
        var draft = DraftOf(body, name: null, context);
        var shown = await desk.CreateAsync(draft, context.RequiredCaller(), cancellationToken);
        Tag(context, shown);
        return Enveloped.Created(shown.Agent, $"/api/v2/agents/{Uri.EscapeDataString(shown.Agent.Id)}");
    }

    private static async Task<Results<Enveloped<Agent>, Failure>> ReplaceAsync(
        string id, [FromBody] JsonElement body, AgentDesk desk, HttpContext context, CancellationToken cancellationToken)
    {
        var precondition = Precondition.Read(context.Request);
        var name = await desk.NameOfAsync(id, toWrite: true, cancellationToken);
        if (precondition is null)
            return Precondition.Required(name);
        var shown = await desk.ReplaceAsync(DraftOf(body, name, context), precondition, cancellationToken);
        Tag(context, shown);
        return Enveloped.Ok(shown.Agent);
    }

    private static async Task<Enveloped<AgentDeleted>> DeleteAsync(string id, AgentDesk desk, HttpContext context, CancellationToken cancellationToken)
    {
        var precondition = Precondition.Read(context.Request);
        var name = await desk.NameOfAsync(id, toWrite: true, cancellationToken);
        return Enveloped.Ok(new AgentDeleted(name, await desk.DeleteAsync(name, precondition, cancellationToken), Deleted: true));
    }

    private static async Task<Results<Enveloped<AgentVersionPage>, Failure>> VersionsAsync(
        string id, ListQuery query, AgentDesk desk, AgentStore store, CancellationToken cancellationToken)
    {
        if (query.Sort is not null)
            return Failure.Invalid("sort", "is not taken: versions come newest first");
        var name = await desk.NameOfAsync(id, toWrite: false, cancellationToken);
        return await store.VersionsAsync(name, query.Limit, query.Offset, cancellationToken) is var (versions, total)
            ? Enveloped.Ok(new AgentVersionPage(versions, Pagination.Of(query, total)))
            : Failure.NotFound($"No agent is named '{name}'.");
    }

    private static async Task<Results<Enveloped<AgentVersionText>, Failure>> VersionAsync(
        string id, int version, AgentDesk desk, AgentStore store, CancellationToken cancellationToken)
    {
        var name = await desk.NameOfAsync(id, toWrite: false, cancellationToken);
        return await store.VersionAsync(name, version, cancellationToken) is { } text
            ? Enveloped.Ok(text)
            : Failure.NotFound($"Agent '{name}' has no version {version}, or no longer.");
    }

    private static AgentDraft DraftOf(JsonElement body, string? name, HttpContext context)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw Failure.Malformed("The body must be a JSON object.").AsException();
        var errors = new QueryReader(context.Request.Query);
        var draft = DraftReader.Read(body, name, errors);
        errors.ThrowIfWrong();
        // Accepted fields make a file without doubts; were there one, better it is told here than served.
        if (AgentFile.Doubt(draft) is { } doubt)
            errors.Wrong("file", doubt);
        errors.ThrowIfWrong();
        return draft;
    }

    private static void Tag(HttpContext context, ShownAgent shown) => context.Response.Headers.ETag = $"\"{shown.Tag}\"";
}
