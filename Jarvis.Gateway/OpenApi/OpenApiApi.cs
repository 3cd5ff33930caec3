using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.OpenApi;

/// <summary><c>/openapi/v2.json</c>: one description of all services.</summary>
internal static class OpenApiApi
{
    /// <summary>Services whose part of the document is not from them now.</summary>
    public const string StaleHeader = "X-Stale-Services";

    public static void AddOpenApiDocument(this IHostApplicationBuilder builder)
    {
        builder.AddContractOpenApi(("System", "Jarvis itself: health, services, circuits, caches."), ("Identity", "Accounts, sign-in, API keys, the audit log."));
        builder.Services.AddOptions<ContractDocumentOptions>().BindConfiguration("OpenApi").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHttpClient(ServiceDocuments.ClientName).ConfigureHttpClient((services, client) =>
            client.MaxResponseContentBufferSize = services.GetRequiredService<IOptions<ContractDocumentOptions>>().Value.MaxBytes);
        builder.Services.AddSingleton<ServiceDocuments>();
        builder.Services.AddSingleton<MergedDocument>();
    }

    public static void MapOpenApiDocument(this IEndpointRouteBuilder routes) =>
        routes.MapGet(ContractOpenApi.Path, GetAsync).AllowAnonymous().WithTags("System").WithName("openapi")
            .WithSummary("This document").Produces<OpenApiShape>().WithETag()
            .WithAnswerHeader(200, StaleHeader, "Services that did not describe themselves just now: their part is an earlier one.", "telemetry", required: false);

    private static async Task GetAsync(HttpContext context, MergedDocument merged, TimeProvider time)
    {
        var made = await merged.GetAsync(context.RequestAborted);
        if (made.Stale.Count > 0)
            context.Response.Headers[StaleHeader] = string.Join(", ", made.Stale);
        await made.Body.WriteAsync(context, time.GetUtcNow());
    }
}

/// <summary>An OpenAPI document, as the API description shows it (https://spec.openapis.org/oas/v3.1.1).</summary>
public sealed record OpenApiShape(string Openapi, IReadOnlyDictionary<string, System.Text.Json.JsonElement> Info, IReadOnlyDictionary<string, System.Text.Json.JsonElement> Paths);
