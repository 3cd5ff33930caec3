using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>A parameter that the framework cannot see in the handler's signature, or sees without its words.</summary>
public sealed record ParameterMetadata(ParameterLocation In, string Name, string Description)
{
    /// <summary>Null to keep the one that the framework found.</summary>
    public OpenApiSchema? Schema { get; init; }

    public JsonNode? Example { get; init; }

    public bool IsRequired { get; init; }
}

/// <summary>A header of an answer, besides those that every answer has.</summary>
/// <param name="Status">Of the answers that have it.</param>
/// <param name="IsRequired">Whether each of them has it.</param>
public sealed record AnswerHeaderMetadata(int Status, string Name, string Description, string Example, bool IsRequired);

/// <summary>The statuses of success when there are others than the handler's type tells; the data have the same shape in all of them.</summary>
public sealed record AnswersMetadata(IReadOnlyList<int> Statuses);

/// <summary>An error that the route can give beside those that all give, in the words that it is told with.</summary>
/// <param name="Detail">Null for the code's usual words.</param>
/// <param name="Members">Further members of the problem, such as <c>task_id</c>.</param>
public sealed record ErrorMetadata(ErrorCode Code, int Status, string? Detail, JsonObject? Members);

/// <summary>The shape of the body, or several of which it may have one, where the handler reads it as bare JSON.</summary>
public sealed record BodyShapesMetadata(IReadOnlyList<Type> Shapes);

/// <summary>The body is another protocol's, which says itself that unknown fields are ignored.</summary>
public sealed record FreeBodyMetadata;

/// <summary>Query parameters and fields of the body that one may expect here, and that the handler refuses in words of its own.</summary>
public sealed record JudgedNamesMetadata(IReadOnlyList<string> Names);

/// <summary>The answer can also come without the envelope, in a content type of its own.</summary>
public sealed record RawAnswerMetadata(string ContentType);

/// <summary>The route is an old one; <paramref name="Successor"/> is what to call instead.</summary>
public sealed record DeprecatedMetadata(string Successor);
