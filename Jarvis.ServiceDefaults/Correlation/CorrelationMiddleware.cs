using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Correlation;

/// <summary>Takes the caller's correlation ID, or makes one when it sent none or none that is valid, and says it in the answer.</summary>
internal sealed class CorrelationMiddleware(RequestDelegate next, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var sent = context.Request.Headers[CorrelationId.Header];
        var id = sent.Count == 1 && CorrelationId.IsValid(sent[0]) ? sent[0]! : CorrelationId.Create(time);

        // The request header too: a proxy behind this copies the request's headers.
        context.Request.Headers[CorrelationId.Header] = id;
        // When the answer starts, so that neither a cleared response nor a proxied one's own header changes it.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[CorrelationId.Header] = id;
            return Task.CompletedTask;
        });
        using (CorrelationId.Use(id))
            await next(context);
    }
}
