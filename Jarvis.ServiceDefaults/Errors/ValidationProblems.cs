using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Errors;

/// <summary>What the framework's own validation (<c>AddValidation</c>) reports, in the contract's form and with the fields' JSON names.</summary>
internal sealed class ValidationProblems : IProblemDetailsService
{
    public async ValueTask WriteAsync(ProblemDetailsContext context) => await TryWriteAsync(context);

    public async ValueTask<bool> TryWriteAsync(ProblemDetailsContext context)
    {
        var failure = context.ProblemDetails is HttpValidationProblemDetails { Errors: { } errors }
            ? Failure.Invalid(errors.ToDictionary(error => JsonPath(error.Key), error => error.Value, StringComparer.Ordinal))
            : new Failure(ErrorCode.ForStatus(context.HttpContext.Response.StatusCode), context.ProblemDetails.Detail ?? "The request failed.");
        await failure.ExecuteAsync(context.HttpContext);
        return true;
    }

    private static string JsonPath(string path) => string.Join('.', path.Split('.').Select(JsonNamingPolicy.SnakeCaseLower.ConvertName));
}
