using Jarvis.Gateway.Front;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Edge;

/// <summary>
/// Compresses answers that nobody compressed yet: text of at least a kilobyte, without a strong entity tag (whose bytes it would change), and never a stream of events.
/// </summary>
internal sealed class AnswerCompression(RequestDelegate next, IOptions<FrontOptions> options)
{
    private readonly PathString[] _uncompressed = [.. options.Value.UncompressedPaths.Select(path => new PathString(path))];

    public Task InvokeAsync(HttpContext context)
    {
        var accepted = context.Request.Headers.AcceptEncoding;
        if (accepted.Count == 0 || Array.Exists(_uncompressed, path => context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase)))
            return next(context);
        var coding = AcceptedCoding.Of(accepted.ToString()).Coding;
        return coding == PreparedCoding.Identity ? next(context) : CompressAsync(context, coding);
    }

    private async Task CompressAsync(HttpContext context, PreparedCoding coding)
    {
        var plain = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var body = new CompressedBody(context, plain, coding);
        context.Features.Set<IHttpResponseBodyFeature>(body);
        try
        {
            await next(context);
            await body.FinishAsync();
        }
        finally
        {
            context.Features.Set(plain);
            await body.DisposeAsync();
        }
    }
}
