using System.Globalization;
using Jarvis.Gateway.Edge;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Limits;

/// <summary>Refuses what is over the limit of its caller, before anything is looked up for it, and says in each answer what is left.</summary>
internal sealed class LimitsMiddleware(RequestDelegate next, Limiter limiter, IKnownCallers known, IOptions<LimitsOptions> options)
{
    private readonly RequestClasses _classes = new(options.Value);

    public Task InvokeAsync(HttpContext context)
    {
        if (_classes.Of(context.Request) is not { } of || limiter.PolicyOf(of) is not { } policy || context.Caller() is { Kind: CallerKind.Service })
            return next(context);
        if (of == LimitClass.Auth && context.Caller() is null)
            return SignInAsync(context, policy);
        var taking = limiter.TakeAsync(policy, LimitKey.From(context));
        return taking.IsCompletedSuccessfully ? GoOn(context, policy, taking.Result) : GoOnAsync(context, policy, taking);
    }

    private async Task GoOnAsync(HttpContext context, LimitPolicy policy, ValueTask<Decision> taking) => await GoOn(context, policy, await taking);

    /// <summary>
    /// Counts an attempt of somebody unknown for whom it is about, and where it fails for its network too. What succeeds is given back,
    /// but for the use of a refresh token: a right password makes nobody wait, and is bounded as a write is.
    /// </summary>
    private async Task SignInAsync(HttpContext context, LimitPolicy policy)
    {
        var (address, subject) = (context.Connection.RemoteIpAddress, await AuthSubject.OfAsync(context.Request));
        var sendsMail = _classes.SendsMail(context.Request);
        var key = LimitKey.From(address, known.DeviceOf(context, subject) is { } device ? $"{subject.Key} {device}" : subject.Key);
        if (limiter.PolicyOf(LimitClass.Write) is { } writes
            && await limiter.TakeAsync(writes, key) is { Outcome: not Outcome.Allowed } many)
        {
            await GoOn(context, writes, many);
            return;
        }
        var decision = await limiter.TakeAsync(policy, key);
        if (decision.Outcome != Outcome.Allowed)
        {
            await GoOn(context, policy, decision);
            return;
        }
        List<(LimitPolicy Policy, LimitKey Key)> taken = subject.RefreshToken is null ? [(policy, key)] : [];
        // On the loopback one's failures are not the others'; only what sends e-mail to whoever is named has a bound there.
        if (limiter.PolicyOf(LimitClass.AuthFailures) is { } failures && (sendsMail || !ClientNetwork.IsShared(address)))
        {
            // Each route for itself: who asks for links all the time keeps nobody from signing in.
            var route = LimitKey.From(address, context.Request.Path.Value!.TrimEnd('/').ToUpperInvariant());
            var failed = await limiter.TakeAsync(failures, route);
            if (failed.Outcome == Outcome.Allowed)
            {
                taken.Add((failures, route));
            }
            else if (failed.Outcome == Outcome.Unavailable || sendsMail
                || !await known.IsKnownAsync(context, subject, context.RequestAborted))
            {
                await GiveBackAsync(taken);
                await GoOn(context, failures, failed);
                return;
            }
        }
        await AttemptAsync(context, policy, decision, sendsMail, taken);
    }

    private async Task AttemptAsync(HttpContext context, LimitPolicy policy, Decision decision, bool sendsMail,
        List<(LimitPolicy, LimitKey)> taken)
    {
        var counts = false;
        try
        {
            await GoOn(context, policy, decision);
            counts = Counts(context.Response.StatusCode);
        }
        catch (Exception exception)
        {
            counts = Counts(exception switch { FailureException failure => failure.Failure.Status, BadHttpRequestException bad => bad.StatusCode, _ => 500 });
            throw;
        }
        finally
        {
            if (!counts)
                await GiveBackAsync(taken);
        }

        bool Counts(int status) => sendsMail ? status == StatusCodes.Status202Accepted : status is >= 400 and < 500;
    }

    private async Task GiveBackAsync(List<(LimitPolicy Policy, LimitKey Key)> taken)
    {
        foreach (var (policy, key) in taken)
            await limiter.GiveBackAsync(policy, key);
    }

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
