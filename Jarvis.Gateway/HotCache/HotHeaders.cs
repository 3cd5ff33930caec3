using System.Globalization;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace Jarvis.Gateway.HotCache;

/// <summary>
/// Reads what a service says of an answer's bytes, and takes it off before the client sees it. A question that is to be kept goes out without
/// the client's conditions and codings: what comes back serves every client, and the gateway compresses it once.
/// </summary>
internal static class HotHeaders
{
    /// <summary>What the client asked, which the gateway answers itself.</summary>
    public static (StringValues AcceptEncoding, StringValues IfNoneMatch) TakeConditions(HttpRequest request)
    {
        var conditions = (request.Headers.AcceptEncoding, request.Headers.IfNoneMatch);
        request.Headers.AcceptEncoding = "identity";
        request.Headers.Remove(HeaderNames.IfNoneMatch);
        return conditions;
    }

    public static void GiveBack(HttpRequest request, (StringValues AcceptEncoding, StringValues IfNoneMatch) conditions) =>
        (request.Headers.AcceptEncoding, request.Headers.IfNoneMatch) = conditions;

    /// <summary>Runs when a service's headers have come and before anything of its body.</summary>
    public static ValueTask OnAnswerAsync(ResponseTransformContext transform)
    {
        var (context, response) = (transform.HttpContext, transform.HttpContext.Response);
        var (prepared, version) = (response.Headers[Prepared.LengthHeader], response.Headers[Prepared.VersionHeader]);
        response.Headers.Remove(Prepared.LengthHeader);
        response.Headers.Remove(Prepared.VersionHeader);
        if (context.Features.Get<HotQuestion>() is not { } question || response.StatusCode != StatusCodes.Status200OK)
            return default;
        if (int.TryParse(prepared, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && version.Count == 1
            && response.ContentLength is { } total && length <= total && total <= question.MaxBytes && Strong(response.Headers.ETag) is { } tag
            && response.Headers.ContentEncoding.Count == 0 && VariesOnKnown(response.Headers))
        {
            question.Capture.Hold(new((int)total, length, tag, version.ToString()));
        }
        else if (IsKnown(question.IfNoneMatch, response.Headers.ETag))
        {
            // The condition that was taken off.
            response.StatusCode = StatusCodes.Status304NotModified;
            response.ContentLength = null;
            response.Headers.Remove(HeaderNames.ContentType);
            transform.SuppressResponseBody = true;
        }
        return default;
    }

    private static string? Strong(StringValues tag) =>
        EntityTagHeaderValue.TryParse(tag.ToString(), out var own) && !own.IsWeak && !own.Tag.AsSpan().Contains(',') ? own.Tag.ToString()[1..^1] : null;

    private static bool VariesOnKnown(IHeaderDictionary headers) => headers.GetCommaSeparatedValues(HeaderNames.Vary)
        .All(name => name.Equals(HeaderNames.Accept, StringComparison.OrdinalIgnoreCase) || name.Equals(HeaderNames.AcceptEncoding, StringComparison.OrdinalIgnoreCase));

    private static bool IsKnown(StringValues ifNoneMatch, StringValues tag) =>
        tag.Count == 1 && EntityTagHeaderValue.TryParse(tag.ToString(), out var own) && EntityTagHeaderValue.TryParseList([.. ifNoneMatch.OfType<string>()], out var given)
        && given.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(own, useStrongComparison: false));
}

/// <summary>A question to the catalog whose answer is to be kept.</summary>
/// <param name="MaxBytes">A larger body is passed on and not kept.</param>
internal sealed record HotQuestion(HotCapture Capture, StringValues IfNoneMatch, long MaxBytes);
