using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.Antigravity;

internal static class AntigravityApi
{
    public static void MapAntigravity(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/antigravity/status", async (AntigravityStatus status, CancellationToken cancellationToken) => Enveloped.Ok(await status.GetAsync(cancellationToken)))
            .RequireAuthorization(Policies.Viewer).WithTags("System")
            .WithName("antigravity-status").WithSummary("How high Jarvis floats: the words wink, every number is measured");
}
