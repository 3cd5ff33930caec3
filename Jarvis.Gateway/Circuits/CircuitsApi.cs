using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Jarvis.Gateway.Circuits;

/// <summary>Why a circuit is isolated.</summary>
public sealed record IsolateBody([property: StringLength(IsolateBody.MaxReason)] string? Reason)
{
    public const int MaxReason = 200;
}

/// <summary><c>circuit-breakers</c>: looked at by viewers, switched by admins.</summary>
internal static class CircuitsApi
{
    // A circuit's name is given alone, for every service that has one of this name, or behind its service's.
    private static readonly string[] Names = ["{name}", "{service}/{name}"];

    public static void MapCircuits(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/circuit-breakers").WithTags("System");
        group.MapGet("", async (CircuitsOfAll circuits, CancellationToken cancellationToken) => Enveloped.Ok(await circuits.ListAsync(cancellationToken)))
            .RequireAuthorization(Policies.Viewer)
            .WithName("list-circuit-breakers").WithSummary("Every circuit of all services and replicas: state, failures, since when, next probe");
        foreach (var name in Names)
        {
            var ofService = name.Contains('/', StringComparison.Ordinal);
            var circuit = ofService ? "service-circuit-breaker" : "circuit-breaker";
            Describe(group.MapPost($"{name}/reset", ResetAsync).RequireAuthorization(Policies.Admin), ofService)
                .WithName($"reset-{circuit}").WithSummary("Closes a circuit on every replica");
            Describe(group.MapPost($"{name}/isolate", IsolateAsync).RequireAuthorization(Policies.Admin).Accepts<IsolateBody>(isOptional: true, "application/json"), ofService)
                .WithName($"isolate-{circuit}").WithSummary("Lets nothing through a circuit on every replica until it is reset").WithBody(typeof(IsolateBody))
                .AddOpenApiOperationTransformer((operation, _, _) =>
                {
                    // It may come without.
                    ((OpenApiRequestBody)operation.RequestBody!).Required = false;
                    return Task.CompletedTask;
                })
                .WithError(ErrorCode.Validation, "One field is wrong: reason.", new() { ["errors"] = new JsonObject { ["reason"] = new JsonArray("must be at most 200 characters") } });
        }
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder command, bool ofService)
    {
        const string Service = "service";
        command.WithPath("name", "The circuit's name.", "n8n")
            .WithError(ErrorCode.ResourceNotFound, "No circuit is named 'cellar'. There are: gateway/catalog, gateway/telemetry, gateway/workflows, workflows/n8n.")
            .WithError(ErrorCode.ServiceUnavailable, "No replica confirmed. It is written down: they follow when they can be reached.", new() { ["service"] = "workflows" });
        return ofService ? command.WithPath(Service, "Whose circuit.", "workflows")
            : command.WithQuery(Service, "Whose circuit; that of each service that has one of this name when not given.", "workflows");
    }

    private static async Task<Results<Enveloped<CircuitCommandAnswer>, Failure>> ResetAsync(
        string name, string? service, HttpContext context, CircuitsOfAll circuits, CancellationToken cancellationToken) =>
        Answer(await circuits.DecideAsync(context, isolated: false, service, name, null, cancellationToken));

    private static async Task<Results<Enveloped<CircuitCommandAnswer>, Failure>> IsolateAsync(
        string name, string? service, [FromBody] IsolateBody? body, HttpContext context, CircuitsOfAll circuits, CancellationToken cancellationToken)
    {
        if (body?.Reason is { Length: > IsolateBody.MaxReason })
            return Failure.Invalid("reason", $"must be at most {IsolateBody.MaxReason} characters");
        return Answer(await circuits.DecideAsync(context, isolated: true, service, name, body?.Reason, cancellationToken));
    }

    private static Results<Enveloped<CircuitCommandAnswer>, Failure> Answer(CircuitCommandAnswer answer) => answer.Confirmed.Count > 0
        ? Enveloped.Ok(answer)
        : Failure.Unavailable(answer.Circuits[0].Split('/')[0], "No replica confirmed. It is written down: they follow when they can be reached.");
}
