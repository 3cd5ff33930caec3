using Jarvis.Gateway.Front;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Edge;

/// <summary>Refuses compressed bodies where nobody would unpack them, instead of calling them broken JSON (RFC 9110, 15.5.16, and RFC 7694 for what is taken).</summary>
internal sealed class EncodedBodies(RequestDelegate next, IOptions<FrontOptions> options)
{
    private readonly TemplateMatcher[] _taking = [.. options.Value.EncodedBodyPaths.Select(path => new TemplateMatcher(TemplateParser.Parse(path), []))];

    public Task InvokeAsync(HttpContext context)
    {
        var encoding = context.Request.Headers.ContentEncoding;
        if (encoding.Count == 0 || string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
            return next(context);
        var path = context.Request.Path;
        var taken = string.Equals(encoding.ToString(), "gzip", StringComparison.OrdinalIgnoreCase);
        if (taken && Array.Exists(_taking, template => template.TryMatch(path, [])))
            return next(context);
        context.Response.Headers.AcceptEncoding = "identity";
        return new Failure(ErrorCode.MalformedRequest, "This route takes no body with this Content-Encoding: send it as it is.")
        {
            Status = StatusCodes.Status415UnsupportedMediaType,
        }.ExecuteAsync(context);
    }
}
