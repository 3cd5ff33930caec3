using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.AspNetCore.Authorization;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Jarvis.Gateway.SignIn;

internal static class SignInRegistration
{
    /// <summary>Before the service defaults, which have keys of their own otherwise.</summary>
    public static void AddSignIn(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SigningOptions>().BindConfiguration("Auth").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<KeyProtection>();
        services.AddSingleton<ISigningKeyStore, SigningKeyStore>();
        services.AddSingleton<SigningKeys>();
        services.AddHostedService(provider => provider.GetRequiredService<SigningKeys>());
        services.AddSingleton<IVerificationKeys>(provider => provider.GetRequiredService<SigningKeys>());
        services.AddSingleton<ITokenChecks, SessionChecks>();
        services.AddSingleton<IssuedTokens>();
        services.AddSingleton<IAccessTokens>(provider => provider.GetRequiredService<IssuedTokens>());
        services.AddSingleton<OpaqueCredentials>();
        services.AddSingleton<FailedCredentials>();
        services.AddSingleton<IRevocations, Revocations>();
        services.AddHostedService<RevocationPoll>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusalAudit>();
        services.AddSingleton<ITransformProvider, PassedOnCredentials>();
    }

    public static void UseSignIn(this IApplicationBuilder app) => app.UseMiddleware<GatewaySignIn>();
}
