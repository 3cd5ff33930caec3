using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.ServiceDefaults.Envelopes;

/// <summary>
/// A handler's success whose bytes are ready. Beside the answer go two headers that tell the gateway what it may keep; it takes them off before a
/// client sees them.
/// </summary>
public sealed class Prepared : IResult, IStatusCodeHttpResult
{
    /// <summary>Bytes of the uncompressed body that are the same in every answer: what may be kept. The rest is the metadata's end.</summary>
    public const string LengthHeader = "Jarvis-Prepared";

    /// <summary>The version of the catalog that the answer was made from.</summary>
    public const string VersionHeader = "Jarvis-Catalog-Version";

    private readonly string _version;

    private Prepared(PreparedBody body, string version) => (Body, _version) = (body, version);

    public PreparedBody Body { get; }

    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status200OK;

    /// <summary><paramref name="body"/>, made from the snapshot of <paramref name="version"/>: when that moves, the gateway drops what it kept.</summary>
    public static Prepared Ok(PreparedBody body, string version) => new(body, version);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers[LengthHeader] = Body.Bytes.Length.ToString(CultureInfo.InvariantCulture);
        headers[VersionHeader] = _version;
        return Body.WriteAsync(httpContext, httpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
    }
}
