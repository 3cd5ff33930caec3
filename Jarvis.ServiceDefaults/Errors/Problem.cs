using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Errors;

/// <summary>
/// A failure as the contract has it: an RFC 9457 problem that is at the same time the envelope, so that a client of either reads it.
/// </summary>
public sealed record Problem
{
    public const string ContentType = "application/problem+json";

    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    public required string Detail { get; init; }

    /// <summary>The path that was asked for, without its query.</summary>
    public required string Instance { get; init; }

    public bool Success { get; init; }

    /// <summary>The same as <see cref="Detail"/>, for readers of the envelope.</summary>
    public required string Error { get; init; }

    public required string ErrorCode { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>What is wrong with each field, by its JSON name; every one, not only the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Further members, such as <c>task_id</c> or <c>versions</c>.</summary>
    [JsonExtensionData]
    public Dictionary<string, object?>? Extensions { get; init; }

    /// <summary>A problem where there is no request to read the rest from.</summary>
    public static Problem Of(ErrorCode code, int status, string detail, string instance, string correlationId) => new()
    {
        Type = code.Type,
        Title = code.Title,
        Status = status,
        Detail = detail,
        Instance = instance,
        Error = detail,
        ErrorCode = code.Name,
        CorrelationId = correlationId,
    };

    internal static Problem Of(HttpContext context, Failure failure) => new()
    {
        Type = failure.Code.Type,
        Title = failure.Code.Title,
        Status = failure.Status,
        Detail = failure.Detail,
        Instance = context.Request.PathBase + context.Request.Path,
        Error = failure.Detail,
        ErrorCode = failure.Code.Name,
        CorrelationId = Correlation.CorrelationId.Current,
        Errors = failure.Errors,
        Extensions = failure.Extensions,
    };
}
