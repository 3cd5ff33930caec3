using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>A question to the one process that answers at an address, for when Redis is away.</summary>
public sealed record ControlQuestion(string Kind, JsonElement? Args);

public static class ControlApi
{
    /// <summary>Only for other services; the gateway has no route to it.</summary>
    public const string Path = "/internal/control";

    /// <summary>Registers who this process is and what answers for it.</summary>
    public static TBuilder AddControl<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(services => InstanceIdentity.Create(services.GetRequiredService<IHostEnvironment>(), services.GetRequiredService<TimeProvider>()));
        builder.Services.TryAddSingleton<ControlDispatcher>();
        return builder;
    }

    /// <summary>Registers what is said and heard over Redis: <see cref="MessageBus"/> must be there.</summary>
    public static TBuilder AddControlBus<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddControl();
        builder.Services.TryAddSingleton<OwnAnnouncement>();
        builder.Services.TryAddSingleton<InstanceRegistry>();
        builder.Services.TryAddSingleton<IInstanceRegistry>(services => services.GetRequiredService<InstanceRegistry>());
        builder.Services.TryAddSingleton<ControlBus>();
        builder.Services.AddHostedService<Announcer>();
        builder.Services.AddHostedService<ControlListener>();
        return builder;
    }

    public static IServiceCollection AddControlHandler<TArgs, TAnswer>(
        this IServiceCollection services, string kind, Func<IServiceProvider, TArgs?, CancellationToken, Task<TAnswer>> handle) =>
        services.AddSingleton<IControlHandler>(provider =>
            new ControlHandler<TArgs, TAnswer>(kind, (args, cancellationToken) => handle(provider, args, cancellationToken)));

    public static void MapControl(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, async (ControlQuestion question, ControlDispatcher dispatcher, CancellationToken cancellationToken) =>
                Enveloped.Ok(await dispatcher.HandleAsync("", question.Kind, question.Args, cancellationToken)))
            .RequireAuthorization(Policies.Service).ExcludeFromDescription();
}
