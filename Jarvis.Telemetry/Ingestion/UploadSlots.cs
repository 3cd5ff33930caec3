using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>Marks a route that takes large bodies: each account may have only so many requests of such routes at once.</summary>
public sealed record LargeBodyMetadata;

/// <summary>
/// Takes one of the account's places before anything of a large body is read, and keeps it until the request ends. So an account holds a
/// bounded number of
/// bodies in memory, also one that sends them slowly, and takes nobody else's place by it. The services of Jarvis are few and wait for no
/// place.
/// </summary>
internal sealed class UploadSlots(RequestDelegate next, IOptions<IngestionOptions> options)
{
    private readonly AccountSlots _accounts = new(options.Value.MaxRequestsPerAccount);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<LargeBodyMetadata>() is null || context.Caller() is not { Kind: not CallerKind.Service } caller)
        {
            await next(context);
            return;
        }
        using var slot = await _accounts.EnterAsync(caller.AccountId, TimeSpan.FromSeconds(options.Value.CommitTimeoutSeconds), context.RequestAborted);
        if (slot is null)
            await Busy().ExecuteAsync(context);
        else
            await next(context);
    }

    private Failure Busy() => Failure.Unavailable("telemetry",
        $"This account has {options.Value.MaxRequestsPerAccount} exports under way, as many as are taken at once. Try again shortly, or send fewer and larger ones.");
}
