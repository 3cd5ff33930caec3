using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Retention;
using Jarvis.Workflows.Tasks;
using Jarvis.Workflows.Triggers;
using Jarvis.Workflows.Worker;

namespace Jarvis.Workflows;

/// <summary>The workflow service, put together: <c>Program.cs</c> runs it, tests start it on a free port with some of its parts replaced.</summary>
internal static class WorkflowsApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        builder.AddPostgresSchema("workflows");
        builder.AddMessaging();
        builder.AddTasks();
        builder.AddTriggers();
        builder.AddN8n();
        builder.AddWorker();
        builder.AddRetention();
        builder.AddContractOpenApi(("Workflows", "Running n8n workflows."), ("Tasks", "What was run, runs, or waits to run: durable, with its history."));
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapDefaultEndpoints();
        app.MapContractOpenApi();
        var api = app.MapGroup("/api/v2").RequireAuthorization(Policies.Viewer);
        api.MapTriggers();
        api.MapTasks();
        return app;
    }
}
