using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.HotCache;

/// <summary>
/// Answers from memory what is there, before routing and all that follows it. What must hold for every request (whose host and origin it is, who asks) comes
/// before this; what the catalog's reads ask of a caller, the role viewer, is asked here.
/// </summary>
internal sealed class HotLookup(RequestDelegate next, HotAnswers answers, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        // HEAD has become GET by now.
        if (!answers.IsOn || context.Caller() is not { Role: >= Role.Viewer } || !HttpMethods.IsGet(context.Request.Method) || HotKey.Of(context.Request) is not { } key
            || !answers.TryGet(key, countMiss: false, out var answer))
        {
            return next(context);
        }
        context.SetEndpoint(answer.Endpoint);
        return answer.Body.WriteAsync(context, time.GetUtcNow());
    }
}
