using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Semantic;

/// <summary>A provider over HTTP.</summary>
public sealed class HttpEmbeddings(
    HttpClient http, EmbeddingPipeline pipeline, EmbeddingMetrics metrics, IOptions<EmbeddingOptions> options, TimeProvider time) : IEmbeddingProvider
{
    private const int MaxReason = 200;

    private readonly EmbeddingOptions _options = options.Value;

    public async Task<EmbeddingAnswer> EmbedAsync(IReadOnlyList<string> texts, EmbeddingPurpose purpose, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await pipeline.ExecuteAsync(purpose, token => SendAsync(texts, token), cancellationToken);
            metrics.Answered(purpose, texts.Count, answer.Tokens);
            return answer;
        }
        catch (EmbeddingException failure)
        {
            metrics.Failed(purpose, failure.Fault);
            throw;
        }
    }

    private async ValueTask<EmbeddingAnswer> SendAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Address(EmbeddingFormat.Path(_options)))
        {
            Content = new ByteArrayContent(EmbeddingFormat.Request(_options, texts)) { Headers = { ContentType = new(MediaTypeNames.Application.Json) } },
        };
        if (_options.ApiKey.Length > 0)
            request.Headers.Authorization = new("Bearer", _options.ApiKey);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? Read(body, texts.Count) : throw Refusal(response, body);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new EmbeddingException(EmbeddingFault.Unavailable, "it does not answer");
        }
    }

    private EmbeddingAnswer Read(byte[] body, int count)
    {
        try
        {
            return EmbeddingFormat.Read(_options, body, count);
        }
        catch (EmbeddingException bad)
        {
            throw new EmbeddingException(bad.Fault, Shown(bad.Message));
        }
    }

    private EmbeddingException Refusal(HttpResponseMessage response, byte[] body)
    {
        var fault = response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests => EmbeddingFault.Throttled,
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => EmbeddingFault.Unavailable,
            HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity => EmbeddingFault.InputRefused,
            _ => EmbeddingFault.Refused,
        };
        var reason = EmbeddingFormat.ErrorOf(body) is { Length: > 0 } error ? $": {error}" : "";
        return new(fault, Shown($"it answered {(int)response.StatusCode}{reason}"), Wait(response.Headers.RetryAfter));
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? retryAfter) => retryAfter?.Delta ?? (retryAfter?.Date is { } date ? date - time.GetUtcNow() : null);

    // Providers repeat what they were sent: the key must not come to the log that way.
    private string Shown(string reason)
    {
        if (_options.ApiKey.Length > 0)
            reason = reason.Replace(_options.ApiKey, "•••", StringComparison.Ordinal);
        reason = string.Concat(reason.Select(letter => char.IsControl(letter) ? ' ' : letter));
        return reason.Length <= MaxReason ? reason : $"{reason[..MaxReason]}…";
    }
}
