using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Jarvis.Gateway.SignIn;

/// <summary>What of a caller's credentials a service gets to see: an access token, and never a key or a cookie.</summary>
internal sealed class PassedOnCredentials : ITransformProvider
{
    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context) => context.AddRequestTransform(OnRequestAsync);

    private static ValueTask OnRequestAsync(RequestTransformContext transform)
    {
        var headers = transform.ProxyRequest.Headers;
        headers.Remove(HeaderNames.Cookie);
        headers.Remove(ServiceKey.Header);
        headers.Remove(GatewaySignIn.CsrfHeader);
        var credential = transform.HttpContext.Features.Get<VerifiedCaller>()?.Credential;
        if (credential is not null || transform.HttpContext.Caller() is null)
            headers.Remove(HeaderNames.Authorization);
        if (credential is not null)
            headers.TryAddWithoutValidation(HeaderNames.Authorization, credential);
        return default;
    }
}
