using System.Buffers;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Jarvis.ServiceDefaults.Validation;

/// <summary>
/// Refuses a request with a query parameter or a body field that is unknown and looks like a known one: ignoring it would do something else than what was asked for.
/// What looks like nothing known is ignored. Names come before values: where one is refused, the handler is not asked.
/// </summary>
internal sealed class UnknownNamesMiddleware(RequestDelegate next, EndpointDataSource endpoints)
{
    private readonly ConditionalWeakTable<Endpoint, Lazy<EndpointNames?>> _names = [];
    private readonly Lazy<FrozenSet<string>> _ofAnyRoute = new(() =>
        endpoints.Endpoints.SelectMany(endpoint => EndpointNames.QueryOf(endpoint.Metadata)).ToFrozenSet(StringComparer.Ordinal));

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var hasBody = !HttpMethods.IsGet(request.Method) && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        if ((!request.QueryString.HasValue && !hasBody) || context.GetEndpoint() is not { } endpoint || NamesOf(endpoint) is not { } names)
            return next(context);
        NameErrors? errors = null;
        if (request.QueryString.HasValue)
            CheckQuery(request.QueryString.Value, names, ref errors);
        return hasBody && names.ReadsBody && request.HasJsonContentType() ? CheckBodyAsync(context, names, errors ?? new()) : GoOnAsync(context, errors);
    }

    private EndpointNames? NamesOf(Endpoint endpoint) =>
        (_names.TryGetValue(endpoint, out var known) ? known : _names.GetValue(endpoint, each => new(() => EndpointNames.Of(each, name => _ofAnyRoute.Value.Contains(name))))).Value;

    private static void CheckQuery(string? query, EndpointNames names, ref NameErrors? errors)
    {
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName();
            if (name.Length is > 0 and <= NameErrors.MaxNameBytes && !names.IsKnown(name.Span) && name.ToString() is var unknown && names.ForParameter(unknown) is { } message)
                (errors ??= new()).Add(unknown, message);
        }
    }

    private async Task CheckBodyAsync(HttpContext context, EndpointNames names, NameErrors errors)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            if (read.IsCompleted)
                BodyNames.Check(Utf8(read.Buffer, context.Request.ContentType), names, errors);
            // Looked at and left there, for the handler.
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
                break;
        }
        await GoOnAsync(context, errors);
    }

    private static ReadOnlySequence<byte> Utf8(ReadOnlySequence<byte> bytes, string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.Encoding is { } encoding && encoding.CodePage != Encoding.UTF8.CodePage
            ? new(Encoding.Convert(encoding, Encoding.UTF8, bytes.ToArray()))
            : bytes;

    private Task GoOnAsync(HttpContext context, NameErrors? errors) => errors?.ToFailure() is { } failure ? failure.ExecuteAsync(context) : next(context);
}
