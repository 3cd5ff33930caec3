using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;

namespace Jarvis.Workflows.N8n;

/// <summary>Sends one request to n8n and says how far it came. It repeats nothing and never throws for what n8n or the network does.</summary>
public sealed class N8nClient(HttpClient http, IOptions<N8nOptions> options, TimeProvider time)
{
    private static readonly string[] ExecutionIdHeaders = ["X-N8N-Execution-Id", "X-Execution-Id", "n8n-execution-id"];

    public async Task<N8nReply> SendAsync(N8nCall call, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(call.Webhook.Method), options.Value.Address(call.Target));
        request.Headers.TryAddWithoutValidation("Idempotency-Key", call.TaskId.ToString());
        if (options.Value.WebhookKey is { Length: > 0 } key)
            request.Headers.TryAddWithoutValidation(options.Value.WebhookKeyHeader, key);
        if (!call.IsGet)
            request.Content = new StringContent(call.Payload, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return await ReadAsync(response, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            return exception.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => N8nReply.NotSent("its name does not resolve"),
                HttpRequestError.ConnectionError => N8nReply.NotSent("it does not take connections"),
                HttpRequestError.SecureConnectionError => N8nReply.NotSent("no secure connection could be made"),
                HttpRequestError.ProxyTunnelError => N8nReply.NotSent("the proxy made no connection"),
                HttpRequestError.InvalidResponse => N8nReply.Lost("what came back is not HTTP"),
                _ => N8nReply.Lost("the connection broke before an answer came"),
            };
        }
        catch (OperationCanceledException exception) when (exception.InnerException is TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            // The handler's ConnectTimeout: the only time limit on this client besides the caller's token.
            return N8nReply.NotSent("no connection was made in time");
        }
    }

    private async Task<N8nReply> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (body, truncated) = await ReadBodyAsync(response.Content, options.Value.MaxResultBytes, cancellationToken);
        return new(Delivery.Answered)
        {
            Status = (int)response.StatusCode,
            ContentType = response.Content.Headers.ContentType?.MediaType ?? "",
            Body = body,
            Truncated = truncated,
            RetryAfter = response.Headers.RetryAfter switch
            {
                { Delta: { } delta } => delta,
                { Date: { } date } => date - time.GetUtcNow(),
                _ => null,
            },
            ExecutionIdHeader = ExecutionIdHeaders
                .Select(name => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null)
                .FirstOrDefault(value => value is { Length: > 0 and <= 100 }),
        };
    }

    private static async Task<(string Body, bool Truncated)> ReadBodyAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[16_384];
            int read;
            while (body.Length <= limit && (read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
                body.Write(buffer, 0, read);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // The status is known, and with it what n8n did; a body that broke off is kept as far as it came.
            return (Text(body, limit), true);
        }
        return (Text(body, limit), body.Length > limit);
    }

    private static string Text(MemoryStream body, int limit) => Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)Math.Min(body.Length, limit));
}
