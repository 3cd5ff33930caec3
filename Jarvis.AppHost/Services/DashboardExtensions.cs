using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.AppHost.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.AppHost.Services;

/// <summary>What an operator finds on the page of a resource in Aspire's dashboard: links that mean something, and commands.</summary>
static class DashboardExtensions
{
    // As Jarvis.ServiceDefaults has it, which the app model does not refer to.
    const string ControlPath = "/internal/control";

    public static IResourceBuilder<ProjectResource> WithGatewayPage(this IResourceBuilder<ProjectResource> gateway) => gateway
        .WithIconName("Globe")
        .WithUrlForEndpoint(PublicEndpoint.Name, static url => url.DisplayText = "Console")
        .WithUrlForEndpoint(PublicEndpoint.Name, static endpoint => new ResourceUrlAnnotation { Url = "/docs", DisplayText = "API description" })
        .WithUrlForEndpoint(PublicEndpoint.Name, static endpoint => new ResourceUrlAnnotation { Url = "/health", DisplayText = "Health" })
        .WithUrlForEndpoint(ServiceExtensions.HttpEndpoint, static url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
        .WithCommand("sign-in-link", "Open sign-in link", SignInLinkAsync, new CommandOptions
        {
            Description = "The one-time link with which the first account is made or, when there is one, the address at which to sign in.",
            IconName = "Key",
            IsHighlighted = true,
        })
        .WithClearCaches("Empties the caches of every service, the gateway's own among them.", "caches.clear-all");

    public static IResourceBuilder<ProjectResource> WithCatalogPage(this IResourceBuilder<ProjectResource> catalog) => catalog
        .WithIconName("Library")
        .WithHealthLink()
        .WithHttpCommand("/api/v2/catalog/reload", "Reload libraries", ServiceExtensions.HttpEndpoint, "reload-libraries", new HttpCommandOptions
        {
            Description = "Reads all libraries anew and says what was found.",
            IconName = "ArrowSync",
            HttpClientName = AppHostCalls.ClientName,
            IsHighlighted = true,
            Method = HttpMethod.Post,
            PrepareRequest = static context => Sign(context, "reload"),
            GetCommandResult = ResultAsync,
        })
        .WithClearCaches("Empties the caches of this service.", "caches.clear");

    public static IResourceBuilder<ProjectResource> WithServicePage(this IResourceBuilder<ProjectResource> service, string icon) =>
        service.WithIconName(icon).WithHealthLink();

    static IResourceBuilder<ProjectResource> WithHealthLink(this IResourceBuilder<ProjectResource> service) => service
        .WithUrlForEndpoint(ServiceExtensions.HttpEndpoint, static url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
        .WithUrlForEndpoint(ServiceExtensions.HttpEndpoint, static endpoint => new ResourceUrlAnnotation { Url = "/health", DisplayText = "Health" });

    static IResourceBuilder<ProjectResource> WithClearCaches(this IResourceBuilder<ProjectResource> service, string description, string question) =>
        service.WithHttpCommand(ControlPath, "Clear caches", ServiceExtensions.HttpEndpoint, "clear-caches", new HttpCommandOptions
        {
            Description = description,
            IconName = "Broom",
            HttpClientName = AppHostCalls.ClientName,
            Method = HttpMethod.Post,
            PrepareRequest = context =>
            {
                context.Request.Content = JsonContent.Create(new { kind = question });
                return Sign(context, "clear");
            },
            GetCommandResult = ResultAsync,
        });

    static Task Sign(HttpCommandRequestContext context, string purpose)
    {
        AppHostCalls.Sign(context.Request, context.Services.GetRequiredService<Secrets>(), purpose, context.Services.GetRequiredService<TimeProvider>());
        return Task.CompletedTask;
    }

    /// <summary>What the service answered: its data, or why it refused.</summary>
    static async Task<ExecuteCommandResult> ResultAsync(HttpCommandResultContext context)
    {
        var text = await context.Response.Content.ReadAsStringAsync(context.CancellationToken);
        try
        {
            using var answer = JsonDocument.Parse(text);
            return context.Response.IsSuccessStatusCode
                ? CommandResults.Success("Done.", Indented(answer.RootElement.GetProperty("data")), CommandResultFormat.Json, displayImmediately: true)
                : CommandResults.Failure(answer.RootElement.GetProperty("detail").GetString());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return CommandResults.Failure($"{context.ResourceName} answered {(int)context.Response.StatusCode}.");
        }
    }

    static string Indented(JsonElement data) => JsonSerializer.Serialize(data, IndentedJson);

    static JsonSerializerOptions IndentedJson { get; } = new() { WriteIndented = true };

    static async Task<ExecuteCommandResult> SignInLinkAsync(ExecuteCommandContext context)
    {
        var links = context.Services.GetRequiredService<SignInLinks>();
        var setup = await links.FindSetupAsync(context.CancellationToken);
        return setup is not null
            ? CommandResults.Success("Make the first account with this link; it works once.", setup, CommandResultFormat.Text, displayImmediately: true)
            : links.Console is { } console
                ? CommandResults.Success("There is an account: sign in here.", console, CommandResultFormat.Text, displayImmediately: true)
                : CommandResults.Failure("The gateway has no address yet. Try again when it is healthy.");
    }
}
