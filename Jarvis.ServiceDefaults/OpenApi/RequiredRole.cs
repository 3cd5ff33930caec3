using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>Who may call an operation, from its endpoint's authorization metadata: <c>x-required-role</c>, a sentence, and the security requirements.</summary>
internal static class RequiredRole
{
    public const string Extension = "x-required-role";
    public const string Anonymous = "anonymous";
    private const string Bearer = "bearer";
    private const string Session = "session";
    private const string Csrf = "csrf";
    private const string ServiceKey = "service";

    /// <summary><c>anonymous</c> or the name of a policy; <c>admin</c> for a route that says nothing, as for every such route.</summary>
    public static string Of(IList<object> metadata)
    {
        if (metadata.OfType<IAllowAnonymous>().Any())
            return Anonymous;
        // The last one is the endpoint's own; those before it are its groups'.
        return metadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy ?? Policies.Admin;
    }

    public static void Describe(OpenApiOperation operation, OpenApiDocument document, string role, bool writes)
    {
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
        operation.Extensions[Extension] = new JsonNodeExtension(role);
        operation.Description = string.Join("\n\n", new[] { operation.Description, Sentence(role) }.Where(text => !string.IsNullOrEmpty(text)));
        operation.Security = role switch
        {
            Anonymous => [],
            Policies.Service => [Requirement(document, ServiceKey)],
            Policies.TelemetryWrite => [Requirement(document, Bearer)],
            _ => [Requirement(document, Bearer), writes ? Requirement(document, Session, Csrf) : Requirement(document, Session)],
        };
    }

    private static string Sentence(string role) => role switch
    {
        Anonymous => "Nobody need be signed in.",
        Policies.SignedIn => "For anybody who is signed in.",
        Policies.Viewer => "For viewers and higher roles.",
        Policies.Operator => "For operators and higher roles.",
        Policies.Admin => "For admins.",
        Policies.TelemetryWrite => "For operators, admins, and API keys with the scope `telemetry:write`.",
        Policies.Service => "For other services of Jarvis only.",
        _ => $"Needs the policy {role}.",
    };

    private static OpenApiSecurityRequirement Requirement(OpenApiDocument document, params string[] schemes)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        var requirement = new OpenApiSecurityRequirement();
        foreach (var scheme in schemes)
        {
            document.Components.SecuritySchemes.TryAdd(scheme, Scheme(scheme));
            requirement[new OpenApiSecuritySchemeReference(scheme, document)] = [];
        }
        return requirement;
    }

    private static OpenApiSecurityScheme Scheme(string name) => name switch
    {
        Bearer => new()
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "An access token of auth/login (a JWT, ES256, 15 minutes), or an API key.",
        },
        Session => new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = "__Host-jarvis", Description = "The session of a browser." },
        Csrf => new()
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "X-CSRF-Token",
            Description = "The anti-forgery token of the session; with the cookie every write needs it.",
        },
        _ => new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "Jarvis-Service-Key", Description = "What services of Jarvis know each other by." },
    };
}
