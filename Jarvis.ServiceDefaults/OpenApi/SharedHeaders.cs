using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>Headers that many answers have, described once.</summary>
internal static class SharedHeaders
{
    private const string CorrelationParameter = "CorrelationId";

    private static readonly Dictionary<string, (string Description, string Example, bool Required)> Known = new(StringComparer.Ordinal)
    {
        ["X-Correlation-ID"] = ("The request's ID: as it was sent, or a new one.", "req-0198f2c47d1a7c3e9b5fd2a6e8c01b47", true),
        ["RateLimit"] = ("What is left of the limit, and in how many seconds it is whole again.", "\"read\";r=5994;t=1", false),
        ["RateLimit-Policy"] = ("The limit: requests in a window of seconds.", "\"read\";q=6000;w=60", false),
        ["Retry-After"] = ("Seconds after which trying again makes sense.", "2", true),
        ["WWW-Authenticate"] = ("How to sign in (RFC 6750).", "Bearer realm=\"jarvis\"", true),
        ["Location"] = ("Where the thing is that was made.", "/api/v2/tasks/0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47", true),
        ["Deprecation"] = ("Since when the route is deprecated (RFC 9745).", "@1793491200", true),
        ["Sunset"] = ("When the route may go away (RFC 8594).", "Mon, 01 Nov 2027 00:00:00 GMT", true),
        ["Link"] = ("What to call instead.", "</api/v2/agents>; rel=\"successor-version\"", true),
        ["X-API-Deprecation"] = ("The same in words.", "API v1 is deprecated since 2026-11-01 and may go away on 2027-11-01.", true),
        ["X-API-Migration"] = ("What to do.", "Use /api/v2/agents instead; docs/legacy-routes.md says what differs.", true),
    };

    public static Dictionary<string, IOpenApiHeader> ForEvery(OpenApiDocument document) => new(StringComparer.Ordinal)
    {
        ["X-Correlation-ID"] = Reference(document, "X-Correlation-ID"),
        ["RateLimit"] = Reference(document, "RateLimit"),
        ["RateLimit-Policy"] = Reference(document, "RateLimit-Policy"),
    };

    /// <summary>A reference to a known header, which the document then has.</summary>
    public static OpenApiHeaderReference Reference(OpenApiDocument document, string name)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
        var (description, example, required) = Known[name];
        document.Components.Headers.TryAdd(name, Of(description, example, required));
        return new OpenApiHeaderReference(name, document);
    }

    public static OpenApiHeader Of(string description, string example, bool required) => new()
    {
        Description = description,
        Required = required,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = JsonValue.Create(example),
    };

    /// <summary>The correlation ID that a caller may give.</summary>
    public static OpenApiParameterReference Correlation(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.Parameters ??= new Dictionary<string, IOpenApiParameter>(StringComparer.Ordinal);
        document.Components.Parameters.TryAdd(CorrelationParameter, new OpenApiParameter
        {
            Name = "X-Correlation-ID",
            In = ParameterLocation.Header,
            Description = "An ID of the caller's own, 6 to 64 of `A-Za-z0-9._-`; anything else is replaced. It goes with the request everywhere.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Example = "order-4711",
        });
        return new OpenApiParameterReference(CorrelationParameter, document);
    }
}
