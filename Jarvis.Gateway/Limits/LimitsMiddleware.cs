using System.Globalization;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Limits;

/// <summary>Refuses what is over the limit of its caller, before anything is looked up for it, and says in each answer what is left.</summary>
internal sealed class LimitsMiddleware(RequestDelegate next, Limiter limiter, IOptions<LimitsOptions> options)
{
    private readonly RequestClasses _classes = new(options.Value);

    public Task InvokeAsync(HttpContext context)
    {
        if (_classes.Of(context.Request) is not { } of || limiter.PolicyOf(of) is not { } policy || context.Caller() is { Kind: CallerKind.Service })
            return next(context);
        var taking = limiter.TakeAsync(policy, LimitKey.From(context));
        return taking.IsCompletedSuccessfully ? GoOn(context, policy, taking.Result) : GoOnAsync(context, policy, taking);
    }

    private async Task GoOnAsync(HttpContext context, LimitPolicy policy, ValueTask<Decision> taking) => await GoOn(context, policy, await taking);

    private Task GoOn(HttpContext context, LimitPolicy policy, Decision decision)
    {
        if (decision.Outcome == Outcome.Unavailable)
        {
            return Failure.Unavailable("redis", "Limits cannot be kept while Redis does not answer, so this is refused. Try again shortly.").ExecuteAsync(context);
        }
        // When the answer starts: a failure on the way clears what was set before.
        context.Response.OnStarting(LimitHeaders.Apply, new LimitHeaders(context.Response.Headers, decision.Quota, decision.Remaining));
        if (decision.Outcome == Outcome.Allowed)
            return next(context);
        return new Failure(ErrorCode.RateLimited, string.Create(CultureInfo.InvariantCulture,
            $"At most {decision.Quota.PerMinute} requests of the class {policy.Name} are taken in a minute. Try again in {Math.Max(1, Math.Ceiling(decision.Wait.TotalSeconds))} s."))
        {
            RetryAfter = decision.Wait,
        }.ExecuteAsync(context);
    }
}

/// <summary>What an answer says of the limit that its request counted for.</summary>
internal sealed class LimitHeaders(IHeaderDictionary headers, Quota quota, int remaining)
{
    public static readonly Func<object, Task> Apply = state =>
    {
        ((LimitHeaders)state).Write();
        return Task.CompletedTask;
    };

    private void Write()
    {
        headers["RateLimit-Policy"] = quota.Policy;
        headers["RateLimit"] = quota.Remaining(remaining);
    }
}
