using Jarvis.Catalog.Authoring;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Effective;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;
using Jarvis.Catalog.Semantic;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Catalog;

/// <summary>The service, put together: <c>Program.cs</c> runs it, tests start it on a free port.</summary>
public static class CatalogApp
{
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        // Files are served without Postgres too.
        builder.AddPostgresSchema("catalog", required: false);
        builder.AddMessaging();
        builder.AddAuthoring();
        builder.AddLibrary();
        builder.AddResources();
        builder.AddSemanticSearch();
        builder.AddContractOpenApi(
            ("Catalog", "What was found in the library folders or made here: agents, commands, skills, MCP servers and workflows."),
            ("Search", "All kinds at once, by words or by meaning."),
            ("Version 1", "The old shape of the catalog's reads. Deprecated."));

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapDefaultEndpoints();
        app.MapContractOpenApi();

        var api = app.MapGroup("/api/v2").RequireAuthorization(Policies.Viewer);
        api.MapResources();
        api.MapWorkflowGraph();
        api.MapAuthoring();
        api.MapSearch();
        api.MapDiagnostics();
        api.MapEffective();
        api.MapSources();
        api.MapEmbeddings();
        api.MapCaches();
        app.MapGroup("/api/v1").RequireAuthorization(Policies.Viewer).MapLegacyResources().MapLegacySearch();
        return app;
    }
}
