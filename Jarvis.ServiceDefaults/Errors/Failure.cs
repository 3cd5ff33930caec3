using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Jarvis.ServiceDefaults.Errors;

/// <summary>A failure on its way to the client: returned by a handler as its result, or thrown as <see cref="FailureException"/>.</summary>
public sealed class Failure(ErrorCode code, string detail) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    public ErrorCode Code { get; } = code;

    /// <summary>One or two sentences for the caller: what is wrong and what to do. Nothing internal.</summary>
    public string Detail { get; } = detail;

    /// <summary>Differs from the code's own only where HTTP has a more exact one (415).</summary>
    public int Status { get; init; } = code.Status;

    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Sent as <c>Retry-After</c>, in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public Dictionary<string, object?>? Extensions { get; init; }

    int? IStatusCodeHttpResult.StatusCode => Status;

    public static Failure NotFound(string detail) => new(ErrorCode.ResourceNotFound, detail);

    public static Failure Conflict(string detail) => new(ErrorCode.Conflict, detail);

    public static Failure Malformed(string detail) => new(ErrorCode.MalformedRequest, detail);

    /// <summary>422 that names every wrong field.</summary>
    public static Failure Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(ErrorCode.Validation, $"{(errors.Count == 1 ? "One field is" : $"{errors.Count} fields are")} wrong: {string.Join(", ", errors.Keys)}.") { Errors = errors };

    public static Failure Invalid(string field, string message) =>
        Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    /// <summary>503 for a part of Jarvis that does not answer now; <paramref name="neighbour"/> is named to the caller.</summary>
    public static Failure Unavailable(string neighbour, string detail) =>
        new(ErrorCode.ServiceUnavailable, detail)
        {
            RetryAfter = TimeSpan.FromSeconds(2),
            Extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["service"] = neighbour },
        };

    public FailureException AsException(Exception? cause = null) => new(this, cause);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await response.WriteAsJsonAsync(Problem.Of(httpContext, this), options: null, Problem.ContentType, httpContext.RequestAborted);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status422UnprocessableEntity, typeof(Problem), [Problem.ContentType]));
}

/// <summary>Carries a <see cref="Errors.Failure"/> out of code that has no result to return.</summary>
public sealed class FailureException(Failure failure, Exception? cause = null) : Exception(failure.Detail, cause)
{
    public Failure Failure { get; } = failure;
}
