using Jarvis.ServiceDefaults;

namespace Jarvis.Gateway.Edge;

/// <summary>What holds for every request and every answer, whoever serves it.</summary>
internal static class EdgeRegistration
{
    public static void AddEdge(this WebApplicationBuilder builder)
    {
        builder.UseExactHeaderLimits();
        builder.AddTrustedProxies();
        builder.AddTls();
        builder.AddRefusals();
    }

    /// <summary>First of all that comes before routing.</summary>
    public static void UseEdge(this IApplicationBuilder app)
    {
        // Before anything reads who the client is and how it came.
        app.UseForwardedHeaders();
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<CrossOrigin>();
        app.UseMiddleware<EncodedBodies>();
        app.UseMiddleware<OptionsAnswers>();
    }

    /// <summary>Behind the hot cache, whose answers come compressed.</summary>
    public static void UseAnswerCompression(this IApplicationBuilder app) => app.UseMiddleware<AnswerCompression>();
}
