using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Edge;
using Jarvis.Gateway.HotCache;
using Jarvis.Gateway.Limits;
using Jarvis.Gateway.Services;
using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Jarvis.Gateway.Proxy;

/// <summary>The routes to the services: section <c>ReverseProxy</c> of the configuration, addresses as the services announce them, else by service discovery.</summary>
internal static class ProxySetup
{
    public static void AddProxy(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ForwardingLog>();
        builder.AddServiceQueues();
        builder.AddServiceCalls();
        builder.Services.AddSingleton<ReplicaTurns>();
        builder.Services.AddSingleton<IForwarderHttpClientFactory, ServiceConnections>();
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .AddServiceDiscoveryDestinationResolver()
            .AddTransforms(transforms => transforms.AddResponseTransform(ServiceCall.OnAnswerAsync).AddResponseTransform(HotHeaders.OnAnswerAsync)
                .AddResponseTransform(OptionsAnswers.OnAnswerAsync));
        AnnouncedDestinations.AddTo(builder.Services);
    }

    public static void MapProxy(this IEndpointRouteBuilder routes)
    {
        routes.MapReverseProxy(pipeline =>
        {
            pipeline.Use(TaskAudit.InvokeAsync);
            var queues = pipeline.ApplicationServices.GetRequiredService<ServiceQueues>();
            pipeline.Use((context, next) =>
            {
                var proxy = context.GetReverseProxyFeature();
                var waits = proxy.Route.Config.Metadata?.GetValueOrDefault(WaitingPlaces.MetadataKey);
                return queues.EnterAsync(context, proxy.Cluster.Config.ClusterId, waits, () => next(context));
            });
            var hot = pipeline.ApplicationServices.GetRequiredService<HotFill>();
            var calls = pipeline.ApplicationServices.GetRequiredService<ServiceCalls>();
            pipeline.Use((context, next) =>
            {
                var proxy = context.GetReverseProxyFeature();
                return BodyLimit.EnforceAsync(context, proxy.Route.Config, () =>
                    ForwardAsync(context, proxy.Cluster.Config.ClusterId, asked => hot.ForwardAsync(asked, proxy.Route.Config, sent => calls.ForwardAsync(sent, proxy.Cluster.Config.ClusterId, next))));
            });
            var turns = pipeline.ApplicationServices.GetRequiredService<ReplicaTurns>();
            pipeline.Use((context, next) => turns.ForwardAsync(context, next));
            pipeline.UseLoadBalancing();
        });
        routes.ServiceProvider.GetRequiredService<ServiceCalls>()
            .Prepare(routes.ServiceProvider.GetRequiredService<IProxyStateLookup>().GetClusters().Select(cluster => cluster.ClusterId));
    }

    /// <summary>Says in the contract's form what went wrong between here and a service, and which service it was.</summary>
    private static async Task ForwardAsync(HttpContext context, string service, RequestDelegate next)
    {
        await next(context);
        var log = context.RequestServices.GetRequiredService<ForwardingLog>();
        var bodyIsComplete = context.Features.Get<BodyArrival>()?.IsComplete ?? true;
        // To the proxy the route's time limit looks as if the client had gone. Thrown, since until the limit's middleware is left no answer can be written.
        if (!context.Response.HasStarted && context.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true })
            throw ForwarderFailures.TimedOut(service, bodyIsComplete).AsException();
        if (context.GetForwarderErrorFeature() is not { } error)
        {
            log.Answered(service);
            return;
        }
        if (context.Response.HasStarted || ForwarderFailures.Of(error, service, context.Request.Method, bodyIsComplete) is not { } failure)
            return;
        if (failure.Status >= StatusCodes.Status500InternalServerError)
            log.Failed(service, failure.Detail);
        context.Response.Clear();
        await failure.ExecuteAsync(context);
    }
}
