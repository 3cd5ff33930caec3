using System.Globalization;
using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>
/// What the API description needs to know of an endpoint beyond its handler's signature. Examples are no metadata: they are the files
/// <c>OpenApi/Examples/{operation id}.json</c> of each service.
/// </summary>
public static class OperationMetadataExtensions
{
    /// <summary>A text in the query.</summary>
    /// <param name="oneOf">The values that it may have; null for any.</param>
    /// <param name="repeats">Whether it may be given several times.</param>
    public static TBuilder WithQuery<TBuilder>(
        this TBuilder builder, string name, string description, string? example = null, IEnumerable<string>? oneOf = null, string? fallback = null,
        int maxLength = 200, string? format = null, bool required = false, bool repeats = false)
        where TBuilder : IEndpointConventionBuilder
    {
        var text = new OpenApiSchema { Type = JsonSchemaType.String, Format = format };
        if (oneOf is not null)
            text.Enum = [.. oneOf.Select(value => (JsonNode)value)];
        else if (format is null)
            text.MaxLength = maxLength;
        if (fallback is not null)
            text.Default = fallback;
        return builder.WithParameter(ParameterLocation.Query, name, description,
            repeats ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = text } : text,
            (example ?? fallback ?? oneOf?.First()) is { } shown ? repeats ? new JsonArray(shown) : shown : null, required);
    }

    /// <summary>A whole number in the query.</summary>
    public static TBuilder WithQuery<TBuilder>(this TBuilder builder, string name, string description, int min, int max, int? fallback = null, int? example = null)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithParameter(ParameterLocation.Query, name, description, new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = min.ToString(CultureInfo.InvariantCulture),
            Maximum = max == int.MaxValue ? null : max.ToString(CultureInfo.InvariantCulture),
            Default = fallback,
        }, (example ?? fallback ?? min), required: false);

    /// <summary><c>true</c> or <c>false</c> in the query.</summary>
    public static TBuilder WithFlag<TBuilder>(this TBuilder builder, string name, string description)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithParameter(ParameterLocation.Query, name, description, new OpenApiSchema { Type = JsonSchemaType.Boolean }, true, required: false);

    /// <summary>The parameters of <see cref="ListQuery"/>.</summary>
    /// <param name="sorts">What <c>sort</c> takes; null when the list has an order of its own.</param>
    public static TBuilder WithPaging<TBuilder>(this TBuilder builder, IEnumerable<string>? sorts = null, bool categories = false)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithLimit().WithQuery("offset", "Items to skip.", 0, int.MaxValue, 0);
        if (sorts is not null)
            builder.WithQuery("sort", "The order: a field's name, with `-` before it for descending.", oneOf: sorts);
        if (categories)
            builder.WithQuery("category", "Only items of this category.", "development");
        return builder;
    }

    /// <summary>The parameters of a list that is ordered by time.</summary>
    public static TBuilder WithCursor<TBuilder>(this TBuilder builder, string example)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithLimit().WithQuery("cursor", "Where the page begins: the `pagination.next_cursor` of the page before.", example);

    public static TBuilder WithLimit<TBuilder>(this TBuilder builder, int fallback = ListQuery.DefaultLimit)
        where TBuilder : IEndpointConventionBuilder => builder.WithQuery("limit", "At most so many items.", 1, ListQuery.MaxLimit, fallback);

    /// <summary>The words for a parameter in the path.</summary>
    public static TBuilder WithPath<TBuilder>(this TBuilder builder, string name, string description, string example)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithParameter(ParameterLocation.Path, name, description, schema: null, example, required: true);

    /// <summary>The words for a number in the path.</summary>
    public static TBuilder WithPath<TBuilder>(this TBuilder builder, string name, string description, int example)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithParameter(ParameterLocation.Path, name, description, schema: null, example, required: true);

    public static TBuilder WithHeader<TBuilder>(this TBuilder builder, string name, string description, string example, bool required = false)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithParameter(ParameterLocation.Header, name, description, new OpenApiSchema { Type = JsonSchemaType.String }, example, required);

    /// <summary>The answer has a strong <c>ETag</c>, and <c>If-None-Match</c> with it is answered with 304.</summary>
    /// <param name="always">False when some answers of the route have none.</param>
    public static TBuilder WithETag<TBuilder>(this TBuilder builder, bool always = true)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithHeader("If-None-Match", "The `ETag` of the answer that the client has: 304 when it still holds.", "\"0c3f9a1b7d2e4856\"")
            .WithAnswerHeader(200, "ETag", "Changes whenever the answer does.", "\"0c3f9a1b7d2e4856\"", always)
            .WithAnswerHeader(304, "ETag", "The one that still holds.", "\"0c3f9a1b7d2e4856\"");

    /// <summary>A repeat with the same key and the same body gets the first request's answer.</summary>
    public static TBuilder WithIdempotencyKey<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithHeader("Idempotency-Key", "1 to 200 printable ASCII characters without a comma. A repeat with the same key and the same body gets the first request's answer.", "0198f2c4-order-4711");

    /// <summary>A write that takes the version of what it changes.</summary>
    /// <param name="required">Whether it is refused (428) without.</param>
    public static TBuilder WithIfMatch<TBuilder>(this TBuilder builder, bool required)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithHeader("If-Match", "The version that the client has seen: the `ETag` of GET, the `version` as a tag, or `*`.", "\"3\"", required);

    /// <summary>A stream of events that goes on after the one that the client names.</summary>
    public static TBuilder WithLastEventId<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithHeader("Last-Event-ID", "The last event that the client has: the stream goes on after it.", "42");

    public static TBuilder WithAnswerHeader<TBuilder>(this TBuilder builder, int status, string name, string description, string example, bool required = true)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnswerHeaderMetadata(status, name, description, example, required));

    /// <summary>The statuses of success, when they are others than 200.</summary>
    public static TBuilder Answers<TBuilder>(this TBuilder builder, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnswersMetadata(statuses));

    /// <summary>An error that not every route gives, or that this one tells in words of its own.</summary>
    public static TBuilder WithError<TBuilder>(this TBuilder builder, ErrorCode code, string? detail = null, JsonObject? members = null, int? status = null)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ErrorMetadata(code, status ?? code.Status, detail, members));

    /// <summary>The shape of the body, or several of which it may have one, where the handler reads it as bare JSON.</summary>
    public static TBuilder WithBody<TBuilder>(this TBuilder builder, params Type[] shapes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new BodyShapesMetadata(shapes));

    /// <summary>The body is another protocol's, which says itself that unknown fields are ignored.</summary>
    public static TBuilder WithFreeBody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new FreeBodyMetadata());

    /// <summary>Query parameters and fields of the body that one may expect here, and that the handler refuses in words of its own.</summary>
    public static TBuilder Judges<TBuilder>(this TBuilder builder, params string[] names)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new JudgedNamesMetadata(names));

    /// <summary>The answer can also come without the envelope; the example is the member <c>raw</c> of the file.</summary>
    public static TBuilder WithRawAnswer<TBuilder>(this TBuilder builder, string contentType)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RawAnswerMetadata(contentType));

    /// <summary>The route is an old one.</summary>
    public static TBuilder WithSuccessor<TBuilder>(this TBuilder builder, string successor)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new DeprecatedMetadata(successor));

    private static TBuilder WithParameter<TBuilder>(
        this TBuilder builder, ParameterLocation location, string name, string description, OpenApiSchema? schema, JsonNode? example, bool required)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ParameterMetadata(location, name, description) { Schema = schema, Example = example, IsRequired = required });
}
