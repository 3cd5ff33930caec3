using Microsoft.Net.Http.Headers;

namespace Jarvis.Catalog.Resources;

/// <summary>Strong entity tags of catalog reads (RFC 9110, 8.8.3). They cover the data; the envelope's timestamp and correlation ID are the transport's.</summary>
public static class EntityTags
{
    /// <summary>Sets the tag, and says whether the client has this very thing already: answer 304 then.</summary>
    public static bool IsKnown(HttpContext context, string tag)
    {
        var strong = new EntityTagHeaderValue($"\"{tag}\"");
        var headers = context.Response.GetTypedHeaders();
        headers.ETag = strong;
        headers.CacheControl = new() { NoCache = true, Private = true };
        return context.Request.GetTypedHeaders().IfNoneMatch
            .Any(given => given.Equals(EntityTagHeaderValue.Any) || given.Compare(strong, useStrongComparison: false));
    }
}
