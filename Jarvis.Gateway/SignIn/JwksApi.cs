using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.Primitives;

namespace Jarvis.Gateway.SignIn;

internal static class JwksApi
{
    public const string Path = "/.well-known/jwks.json";

    public static void MapJwks(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, Get).AllowAnonymous().WithTags("Identity").WithName("jwks").Produces<Jwks>()
            .WithSummary("The public keys that access tokens are checked with (RFC 7517), without the envelope")
            .WithAnswerHeader(200, "Cache-Control", "How long the keys may be kept.", "public, max-age=300");

    private static async Task<IResult> Get(SigningKeys keys, HttpResponse response, CancellationToken cancellationToken)
    {
        // Before the first key is there, an empty set would tell every service that no token is good.
        await keys.CurrentAsync(cancellationToken);
        response.Headers.CacheControl = new StringValues("public, max-age=300");
        return TypedResults.Json(keys.Public);
    }
}
