using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Polly;
using StackExchange.Redis;

namespace Jarvis.ServiceDefaults.Errors;

/// <summary>Which failure of the contract an exception or a bare status is. Texts name the neighbour and the field, never a type, a path or SQL.</summary>
internal static class Faults
{
    public static Failure Of(Exception exception) => exception switch
    {
        FailureException failure => failure.Failure,
        BadHttpRequestException bad => OfBadRequest(bad),
        JsonException json => OfJson(json),
        NpgsqlException or InvalidOperationException { InnerException: NpgsqlException } => OfPostgres(exception),
        RedisException => Failure.Unavailable("redis", "Redis does not answer. Try again shortly."),
        HttpRequestException or ExecutionRejectedException => Failure.Unavailable("service", "A service that this request needs does not answer. Try again shortly."),
        _ => new Failure(ErrorCode.Internal, "Something went wrong on our side. The correlation ID finds it in the logs."),
    };

    /// <summary>A status that somebody set without a body.</summary>
    public static Failure OfStatus(HttpContext context)
    {
        var request = context.Request;
        var status = context.Response.StatusCode;
        return status switch
        {
            404 => new(ErrorCode.RouteNotFound, $"No route matches {request.Method} {request.Path}."),
            405 => new(ErrorCode.MethodNotAllowed, $"{request.Path} does not take {request.Method}; it takes {context.Response.Headers.Allow}."),
            413 => new(ErrorCode.PayloadTooLarge, "The body is larger than this route takes."),
            415 => new(ErrorCode.MalformedRequest, "The body must be JSON: send Content-Type: application/json.") { Status = 415 },
            503 or 502 or 504 => new(ErrorCode.ForStatus(status), "A service that this request needs does not answer. Try again shortly.") { RetryAfter = TimeSpan.FromSeconds(2) },
            _ => new(ErrorCode.ForStatus(status), $"{ErrorCode.ForStatus(status).Title}.") { Status = status },
        };
    }

    // Asked before the migrations have run: the table, the column, or the index that a conflict is found by, is on its way. Indexes of large tables take minutes.
    private const string UndefinedTable = "42P01";
    private const string UndefinedSchema = "3F000";
    private const string UndefinedColumn = "42703";
    private const string NoIndexForConflict = "42P10";

    private static Failure OfPostgres(Exception exception) =>
        (exception as PostgresException ?? exception.InnerException as PostgresException) is
        { IsTransient: false, SqlState: not (['5', '7' or '3', ..] or UndefinedTable or UndefinedSchema or UndefinedColumn or NoIndexForConflict) }
            ? new Failure(ErrorCode.Internal, "Something went wrong on our side. The correlation ID finds it in the logs.")
            : Failure.Unavailable("postgres", "Postgres does not answer. Try again shortly.");

    private static Failure OfBadRequest(BadHttpRequestException bad) => bad switch
    {
        { InnerException: JsonException json } => OfJson(json),
        { StatusCode: 413 } => new(ErrorCode.PayloadTooLarge, "The body is larger than this route takes."),
        { StatusCode: 415 } => new(ErrorCode.MalformedRequest, "The body must be JSON: send Content-Type: application/json.") { Status = 415 },
        { StatusCode: 408 } => new(ErrorCode.RequestTimeout, "The request took too long to arrive."),
        _ => new(ErrorCode.MalformedRequest, "The request is not well formed: a body in JSON is needed, and each parameter in its form."),
    };

    private static Failure OfJson(JsonException json)
    {
        // A value of the wrong type has a path and no reader error behind it; broken syntax has one.
        if (json is { Path: ['$', '.', ..] path } && json.InnerException is not JsonException)
            return Failure.Invalid(path[2..], "has the wrong type");
        if (json is { Path: "$" } && json.InnerException is not JsonException)
            return Failure.Malformed("The body is JSON of another form than this route takes.");
        var at = json.LineNumber is { } line
            ? string.Create(CultureInfo.InvariantCulture, $" at line {line + 1}, position {json.BytePositionInLine + 1}")
            : "";
        return (json.InnerException ?? json).Message.Contains("maximum configured depth", StringComparison.OrdinalIgnoreCase)
            ? Failure.Malformed($"The body is nested deeper than 32 levels{at}.")
            : Failure.Malformed($"The body is not valid JSON{at}.");
    }
}
