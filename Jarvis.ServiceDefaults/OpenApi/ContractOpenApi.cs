using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>A service's own OpenAPI 3.1 document, of which the gateway makes one for all.</summary>
public static class ContractOpenApi
{
    /// <summary>The document's name, and that of the version that it describes.</summary>
    public const string DocumentName = "v2";

    public const string Path = "/openapi/v2.json";

    /// <summary>Describes this service's endpoints.</summary>
    /// <param name="tags">What each tag of its endpoints is about.</param>
    public static TBuilder AddContractOpenApi<TBuilder>(this TBuilder builder, params (string Name, string Description)[] tags)
        where TBuilder : IHostApplicationBuilder
    {
        var schemas = new SchemaContract();
        builder.Services.AddOpenApi(DocumentName, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.CreateSchemaReferenceId = schemas.IdOf;
            options.AddSchemaTransformer((schema, context, _) =>
            {
                SchemaContract.Type(schema, context.JsonTypeInfo.Type);
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(new OperationContract());
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = builder.Environment.ApplicationName, Version = DocumentName };
                document.Servers = [];
                document.Tags = new HashSet<OpenApiTag>(tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
                document.Components ??= new OpenApiComponents();
                document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
                document.Components.Schemas[ErrorAnswers.ProblemSchema] = ErrorAnswers.Schema();
                schemas.Complete(document);
                return Task.CompletedTask;
            });
        });
        return builder;
    }

    /// <summary>Serves it to the gateway, at <see cref="Path"/>.</summary>
    public static void MapContractOpenApi(this WebApplication app) =>
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
}
