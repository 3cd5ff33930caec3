using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>The errors that any route can give, in the words of the examples.</summary>
internal static class UsualErrors
{
    public static readonly IReadOnlyList<ErrorMetadata> All =
    [
        Of(ErrorCode.MalformedRequest, "The body is not valid JSON at line 1, position 14."),
        Of(ErrorCode.AuthenticationRequired, "Sign in, or send an API key, as Authorization: Bearer."),
        Of(ErrorCode.InvalidToken, "The token is not one of Jarvis, or is no longer good. Sign in again."),
        Of(ErrorCode.TokenExpired, "The token has expired. Get a new one from auth/refresh."),
        Of(ErrorCode.Forbidden, "This needs the role operator."),
        Of(ErrorCode.ResourceNotFound, "Nothing is known by that name or id."),
        Of(ErrorCode.RequestTimeout, "The request took too long to arrive."),
        Of(ErrorCode.Conflict, "It is not in a state for this."),
        Of(ErrorCode.PreconditionFailed, "If-Match names another version than the current one.", new() { ["version"] = 4 }),
        Of(ErrorCode.PayloadTooLarge, "The body is larger than this route takes."),
        new(ErrorCode.MalformedRequest, 415, "The body must be JSON: send Content-Type: application/json.", null),
        Of(ErrorCode.Validation, "One field is wrong: limit.", new() { ["errors"] = new JsonObject { ["limit"] = new JsonArray("must be between 1 and 200") } }),
        Of(ErrorCode.PreconditionRequired, "If-Match is needed: send the ETag of the version that you have seen."),
        Of(ErrorCode.RateLimited, "That were too many requests. Retry-After says when there is room again."),
        Of(ErrorCode.Internal, "Something went wrong on our side. The correlation ID finds it in the logs."),
        Of(ErrorCode.Integration, "The catalog service broke off its answer. Try again.", new() { ["service"] = "catalog" }),
        Of(ErrorCode.ServiceUnavailable, "Postgres does not answer. Try again shortly.", new() { ["service"] = "postgres" }),
        Of(ErrorCode.CircuitOpen, "n8n failed several times and is left alone for a while.", new() { ["service"] = "n8n" }),
        Of(ErrorCode.IntegrationTimeout, "The catalog service did not answer in time.", new() { ["service"] = "catalog" }),
    ];

    /// <summary>What an operation can answer without saying so: by whether somebody must be signed in, whether it has a body and a parameter in its path.</summary>
    public static IEnumerable<int> Statuses(bool secured, bool writes, bool hasBody, bool hasPathParameters)
    {
        int[] always = [400, 422, 429, 500, 502, 503, 504];
        return always
            .Concat(secured ? [401, 403] : writes ? [403] : [])
            .Concat(hasBody ? [408, 413, 415] : [])
            .Concat(hasPathParameters ? [404] : []);
    }

    /// <summary>The codes that stand behind a status by themselves; <c>CIRCUIT_OPEN</c> and others only where the route says so.</summary>
    public static IEnumerable<ErrorMetadata> Of(int status)
    {
        var usual = All.Where(error => error.Status == status && error.Code != ErrorCode.CircuitOpen).ToList();
        return usual.Count > 0 ? usual : [new(ErrorCode.ForStatus(status), status, $"{ErrorCode.ForStatus(status).Title}.", null)];
    }

    /// <summary>The words for a code that a route names without any.</summary>
    public static ErrorMetadata Worded(ErrorMetadata error) => error.Detail is not null ? error : All.FirstOrDefault(usual => usual.Code == error.Code && usual.Status == error.Status) is { } known
        ? error with { Detail = known.Detail, Members = error.Members ?? known.Members }
        : error with { Detail = $"{error.Code.Title}." };

    private static ErrorMetadata Of(ErrorCode code, string detail, JsonObject? members = null) => new(code, code.Status, detail, members);
}
