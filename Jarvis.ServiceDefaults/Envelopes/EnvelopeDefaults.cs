using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Envelopes;

internal static class EnvelopeDefaults
{
    public static void AddEnvelope(this IHostApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(options => JsonRules.Apply(options.SerializerOptions));
        // Bad input becomes an exception that ProblemMiddleware explains, in every environment.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddSingleton<IProblemDetailsService, ValidationProblems>();
    }
}
