using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.Identity;

internal static class PersonOnly
{
    /// <summary>Refuses API keys and services: with a key that leaked nobody shall make further keys, change the password or end sessions of its account.</summary>
    public static TBuilder RequirePerson<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) => context.HttpContext.Caller() is { Kind: CallerKind.User }
            ? await next(context)
            : new Failure(ErrorCode.Forbidden, "An API key may not do this: sign in with e-mail address and password."));
}
