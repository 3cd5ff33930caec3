using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Security;

/// <summary>
/// Why it is not known who sends the request, although a credential came with it: it is not good, or that cannot be told now. Only who calls a route that asks for
/// one is told; others are served as nobody, so that health can be read while Postgres is away.
/// </summary>
/// <param name="Failure">401 <c>INVALID_TOKEN</c> or <c>TOKEN_EXPIRED</c>, or 503.</param>
public sealed record SignInFault(Failure Failure)
{
    public SignInFault(ErrorCode code, string detail)
        : this(new Failure(code, detail))
    {
    }

    /// <summary>What it means that a token is not taken.</summary>
    public static SignInFault Of(TokenFault fault) => fault switch
    {
        TokenFault.Expired => new(ErrorCode.TokenExpired, "The access token has expired. Get a new one with the refresh token (POST /api/v2/auth/refresh)."),
        TokenFault.Revoked => new(ErrorCode.InvalidToken, "The access token holds no more: its session has ended or its rights have changed. Get a new one with the refresh token (POST /api/v2/auth/refresh); when that is refused, sign in again."),
        _ => new(ErrorCode.InvalidToken, "The access token is not one of ours, or it was changed. Sign in again."),
    };

    public static SignInFault? Of(HttpContext context) => context.Features.Get<SignInFault>();

    /// <summary>Runs <paramref name="identify"/>; a neighbour that it needs and that does not answer becomes a fault, and nothing is thrown.</summary>
    public static async ValueTask RunAsync(HttpContext context, Func<Task> identify)
    {
        try
        {
            await identify();
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested && Faults.Of(exception) is { Status: >= 500 })
        {
            context.Features.Set(new SignInFault(Faults.Of(exception)));
        }
    }
}
