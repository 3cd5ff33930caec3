using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Security;

public static class SecurityExtensions
{
    /// <summary>Tokens, what has ended, policies. The gateway registers keys and checks of its own before this.</summary>
    internal static void AddSecurity(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SecurityOptions>().BindConfiguration("Security").ValidateDataAnnotations().ValidateOnStart();
        services.AddHttpClient(RemoteKeys.ClientName);
        services.TryAddSingleton<IVerificationKeys, RemoteKeys>();
        services.AddSingleton<VerifiedCallers>();
        services.AddSingleton<ICountedCache>(provider => provider.GetRequiredService<VerifiedCallers>());
        services.AddSingleton<Revoked>();
        services.AddSingleton<TokenVerifier>();
        services.AddHostedService<RevocationListener>();
        services.AddTransient<ServiceKeyHandler>();
        services.AddHostedService<PolicyCheck>();

        services.TryAddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationAnswers>();
        var policies = services.AddAuthorizationBuilder();
        Add(Policies.Viewer, caller => caller.Has(Role.Viewer));
        Add(Policies.Operator, caller => caller.Has(Role.Operator));
        Add(Policies.Admin, caller => caller.Has(Role.Admin));
        Add(Policies.TelemetryWrite, caller => caller.Has(Role.Operator) || caller.HasScope(Scopes.TelemetryWrite));
        Add(Policies.SignedIn, caller => caller.Kind is not CallerKind.Service);
        Add(Policies.Service, caller => caller.Kind is CallerKind.Service);

        void Add(string name, Func<Caller, bool> may) =>
            policies.AddPolicy(name, policy => policy.RequireAssertion(context => (context.User.Identity as CallerIdentity)?.Caller is { } caller && may(caller)));
    }

    /// <summary>
    /// Asks each route's policy. A route without one is for admins: nothing is public by accident. (Not the framework's fallback policy: that would also hide from
    /// strangers that a path has no route.)
    /// </summary>
    internal static void UsePolicies(this IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            // The router's own endpoints (405, 415) are no routes.
            if (context.GetEndpoint() is RouteEndpoint route && route.Metadata.GetMetadata<IAuthorizeData>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null
                && context.Caller() is not { Role: Role.Admin })
            {
                return AuthorizationAnswers.RefuseAsync(context);
            }
            return next(context);
        });
        app.UseAuthorization();
    }
}
