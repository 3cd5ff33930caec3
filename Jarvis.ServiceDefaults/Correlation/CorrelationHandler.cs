namespace Jarvis.ServiceDefaults.Correlation;

/// <summary>Sends the correlation ID with every outgoing request.</summary>
public sealed class CorrelationHandler : DelegatingHandler
{
    public CorrelationHandler()
    {
    }

    public CorrelationHandler(HttpMessageHandler inner)
        : base(inner)
    {
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (CorrelationId.Current is { } id && !request.Headers.Contains(CorrelationId.Header))
            request.Headers.TryAddWithoutValidation(CorrelationId.Header, id);
        return base.SendAsync(request, cancellationToken);
    }
}
