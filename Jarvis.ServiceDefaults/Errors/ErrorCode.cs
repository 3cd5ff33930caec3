namespace Jarvis.ServiceDefaults.Errors;

/// <summary>An error of the HTTP contract: its code, its status, and its title for people.</summary>
public sealed record ErrorCode(string Name, int Status, string Title)
{
    public static readonly ErrorCode Validation = new("VALIDATION_ERROR", 422, "Validation failed");
    public static readonly ErrorCode MalformedRequest = new("MALFORMED_REQUEST", 400, "Malformed request");
    public static readonly ErrorCode AuthenticationRequired = new("AUTHENTICATION_REQUIRED", 401, "Authentication required");
    public static readonly ErrorCode InvalidToken = new("INVALID_TOKEN", 401, "Invalid token");
    public static readonly ErrorCode TokenExpired = new("TOKEN_EXPIRED", 401, "Token expired");
    public static readonly ErrorCode InvalidCredentials = new("INVALID_CREDENTIALS", 401, "Invalid credentials");
    public static readonly ErrorCode Forbidden = new("FORBIDDEN", 403, "Forbidden");
    public static readonly ErrorCode ResourceNotFound = new("RESOURCE_NOT_FOUND", 404, "Resource not found");
    public static readonly ErrorCode RouteNotFound = new("ROUTE_NOT_FOUND", 404, "Route not found");
    public static readonly ErrorCode MethodNotAllowed = new("METHOD_NOT_ALLOWED", 405, "Method not allowed");
    public static readonly ErrorCode RequestTimeout = new("REQUEST_TIMEOUT", 408, "Request timeout");
    public static readonly ErrorCode Conflict = new("CONFLICT", 409, "Conflict");
    public static readonly ErrorCode IdempotencyKeyReused = new("IDEMPOTENCY_KEY_REUSED", 422, "Idempotency key reused");
    public static readonly ErrorCode PreconditionFailed = new("PRECONDITION_FAILED", 412, "Precondition failed");
    public static readonly ErrorCode PreconditionRequired = new("PRECONDITION_REQUIRED", 428, "Precondition required");
    public static readonly ErrorCode PayloadTooLarge = new("PAYLOAD_TOO_LARGE", 413, "Payload too large");
    public static readonly ErrorCode HeadersTooLarge = new("HEADERS_TOO_LARGE", 431, "Request headers too large");
    public static readonly ErrorCode RateLimited = new("RATE_LIMITED", 429, "Rate limited");
    public static readonly ErrorCode Integration = new("INTEGRATION_ERROR", 502, "Integration error");
    public static readonly ErrorCode CircuitOpen = new("CIRCUIT_OPEN", 503, "Circuit open");
    public static readonly ErrorCode ServiceUnavailable = new("SERVICE_UNAVAILABLE", 503, "Service unavailable");
    public static readonly ErrorCode IntegrationTimeout = new("INTEGRATION_TIMEOUT", 504, "Integration timeout");
    public static readonly ErrorCode Internal = new("INTERNAL_ERROR", 500, "Internal error");

    /// <summary>The problem's <c>type</c>: a stable name, not a page that must exist.</summary>
    public string Type => $"https://jarvis.dev/errors/{Name.ToLowerInvariant().Replace('_', '-')}";

    /// <summary>The code for a bare HTTP status, as the framework and the proxy set it.</summary>
    public static ErrorCode ForStatus(int status) => status switch
    {
        401 => AuthenticationRequired,
        403 => Forbidden,
        404 => RouteNotFound,
        405 => MethodNotAllowed,
        408 => RequestTimeout,
        409 => Conflict,
        412 => PreconditionFailed,
        413 => PayloadTooLarge,
        422 => Validation,
        428 => PreconditionRequired,
        429 => RateLimited,
        431 => HeadersTooLarge,
        502 => Integration,
        503 => ServiceUnavailable,
        504 => IntegrationTimeout,
        >= 500 => Internal,
        _ => MalformedRequest,
    };
}
