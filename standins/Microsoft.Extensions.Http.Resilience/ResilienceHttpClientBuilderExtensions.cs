using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace Microsoft.Extensions.Http.Resilience
{
    public interface IHttpStandardResiliencePipelineBuilder
    {
        string PipelineName { get; }

        Microsoft.Extensions.DependencyInjection.IServiceCollection Services { get; }
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    public static class ResilienceHttpClientBuilderExtensions
    {
        public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(
            this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure)
        {
            var name = $"{builder.Name}-standard";
            builder.Services.Configure(name, configure);
            // One pipeline per client, so that its circuit outlives the handlers that the factory rotates.
            builder.Services.AddKeyedSingleton(name, (services, _) =>
                Build(services.GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>().Get(name)));
            builder.AddHttpMessageHandler(services => new Handler(services.GetRequiredKeyedService<ResiliencePipeline<HttpResponseMessage>>(name)));
            return new PipelineBuilder(name, builder.Services);
        }

        private static ResiliencePipeline<HttpResponseMessage> Build(HttpStandardResilienceOptions options) =>
            new ResiliencePipelineBuilder<HttpResponseMessage>()
                .AddTimeout(options.TotalRequestTimeout)
                .AddRetry(options.Retry)
                .AddCircuitBreaker(options.CircuitBreaker)
                .AddTimeout(options.AttemptTimeout)
                .Build();

        private sealed record PipelineBuilder(string PipelineName, IServiceCollection Services) : IHttpStandardResiliencePipelineBuilder;

        private sealed class Handler(ResiliencePipeline<HttpResponseMessage> pipeline) : DelegatingHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                var context = ResilienceContextPool.Shared.Get(cancellationToken);
                context.Properties.Set(Transient.Method, request.Method);
                try
                {
                    return await pipeline.ExecuteAsync(
                        async (inner, message) => await base.SendAsync(message, inner.CancellationToken), context, request);
                }
                finally
                {
                    ResilienceContextPool.Shared.Return(context);
                }
            }
        }
    }
}
