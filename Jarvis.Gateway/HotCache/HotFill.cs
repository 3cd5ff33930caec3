using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using HeaderNames = Microsoft.Net.Http.Headers.HeaderNames;

namespace Jarvis.Gateway.HotCache;

/// <summary>
/// Asks the catalog what memory could not answer, and keeps the answer. Of many who ask the same at once one asks; when its client goes away
/// another does, and when it takes too long a few do. A write through here drops all that is kept before its own answer is sent, so that who wrote reads what was written.
/// </summary>
internal sealed class HotFill(HotAnswers answers, IOptions<HotCacheOptions> options, TimeProvider time)
{
    /// <summary>Key of a route's <c>Metadata</c>: <c>catalog</c> keeps answers to reads, and writes drop them; <c>catalog-writes</c> only the latter.</summary>
    public const string MetadataKey = "Cache";

    // How often somebody waits in vain before it asks in any case.
    private const int MaxWaits = 12;

    public Task ForwardAsync(HttpContext context, RouteConfig route, RequestDelegate forward)
    {
        var cache = route.Metadata?.GetValueOrDefault(MetadataKey);
        if (cache is not ("catalog" or "catalog-writes"))
            return forward(context);
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            // A write that failed may have been carried out; one that was refused was not, and must not cost everybody the cache.
            context.Response.OnStarting(() =>
            {
                if (context.Response.StatusCode is not (401 or 403 or 404 or 405 or 413 or 415 or 422 or 429) && !HttpMethods.IsOptions(context.Request.Method))
                    answers.Written();
                return Task.CompletedTask;
            });
            return forward(context);
        }
        return cache == "catalog" && answers.IsOn && HotKey.Of(context.Request) is { } key ? AnswerAsync(context, key, forward) : forward(context);
    }

    private async Task AnswerAsync(HttpContext context, string key, RequestDelegate forward)
    {
        var generation = answers.Generation;
        if (answers.TryGet(key, countMiss: true, out var kept))
        {
            await kept.Body.WriteAsync(context, time.GetUtcNow());
            return;
        }
        var flight = answers.Flights.Enter(key, generation);
        try
        {
            for (var waits = 0; waits < MaxWaits;)
            {
                if (flight.TryLead(out var change))
                {
                    await LeadAsync(context, key, generation, flight, forward);
                    return;
                }
                if (flight.Answer is null && !await JoinAsync(flight, change, context.RequestAborted))
                    waits++;
                if (flight.Answer is { } answer)
                {
                    await answer.Body.WriteAsync(context, time.GetUtcNow());
                    return;
                }
            }
        }
        finally
        {
            answers.Flights.Leave(key, generation, flight);
        }
        await forward(context);
    }

    /// <summary>False when that took too long.</summary>
    private async Task<bool> JoinAsync(HotFlight flight, Task change, CancellationToken cancellationToken)
    {
        try
        {
            await change.WaitAsync(TimeSpan.FromMilliseconds(options.Value.JoinMs), time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            flight.Tire(change);
            return false;
        }
    }

    private async Task LeadAsync(HttpContext context, string key, long generation, HotFlight flight, RequestDelegate forward)
    {
        HotAnswer? held = null;
        var asked = time.GetTimestamp();
        try
        {
            held = await AskAsync(context, forward);
            if (held is not null)
                answers.Keep(key, held, generation, asked);
        }
        finally
        {
            flight.Land(held, isAbandoned: held is null && context.RequestAborted.IsCancellationRequested);
        }
        if (held is not null)
        {
            // What the proxy copied is the catalog's answer; this one may be a 304, or compressed.
            context.Response.ContentLength = null;
            context.Response.Headers.Remove(HeaderNames.ContentType);
            context.Response.Headers.Remove(HeaderNames.Vary);
            await held.Body.WriteAsync(context, time.GetUtcNow());
        }
    }

    /// <summary>The answer, not yet sent; or null when what came is on its way to the client already, or is no answer.</summary>
    private async Task<HotAnswer?> AskAsync(HttpContext context, RequestDelegate forward)
    {
        var client = context.Response.Body;
        var capture = new HotCapture(client);
        var conditions = HotHeaders.TakeConditions(context.Request);
        context.Features.Set(new HotQuestion(capture, conditions.IfNoneMatch, options.Value.MaxBytes / 8));
        context.Response.Body = capture;
        try
        {
            await forward(context);
        }
        finally
        {
            context.Response.Body = client;
            context.Features.Set<HotQuestion>(null);
            HotHeaders.GiveBack(context.Request, conditions);
        }
        return capture.Held is { } bytes && context.GetForwarderErrorFeature() is null ? Read(context, capture.Answer, bytes) : null;
    }

    private static HotAnswer Read(HttpContext context, HeldAnswer held, ReadOnlyMemory<byte> bytes)
    {
        var vary = context.Response.Headers.GetCommaSeparatedValues(HeaderNames.Vary).Contains(HeaderNames.Accept, StringComparer.OrdinalIgnoreCase) ? HeaderNames.Accept : null;
        var body = held.Prepared == bytes.Length
            ? PreparedBody.Whole(bytes, context.Response.ContentType ?? "application/octet-stream", held.Tag, vary)
            : PreparedBody.Envelope(bytes[..held.Prepared], held.Tag, vary);
        return new(body, held.Version, context.GetEndpoint());
    }
}
