using System.Collections.Concurrent;
using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;

namespace Jarvis.Gateway.Services;

/// <summary>
/// What the gateway passes on to each service: counted and timed until the headers of the answer, and behind a circuit that opens when a service answers (almost)
/// nothing any more, and closes within a second of its return. An answer with 5xx is an answer. What is served from memory does not come here.
/// </summary>
internal sealed class ServiceCalls(CircuitRegistry circuits, IOptions<ServiceOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Lazy<Upstream>> _upstreams = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>Services that are known before the first request, so that their circuits can be seen and isolated from the start.</summary>
    public void Prepare(IEnumerable<string> services)
    {
        foreach (var service in services)
            Of(service);
    }

    public async Task ForwardAsync(HttpContext context, string service, RequestDelegate next)
    {
        var upstream = Of(service);
        var forwarding = Task.CompletedTask;
        var started = time.GetTimestamp();
        try
        {
            var verdict = upstream.Circuit is { } circuit ? await circuit.ExecuteAsync(_ => new ValueTask<ServiceVerdict>(Send())) : await Send();
            // What the client took to send its body is not the service's time.
            upstream.Meter.Count(verdict, time.GetElapsedTime(Math.Max(started, context.Features.Get<BodyArrival>()?.Last ?? 0)));
        }
        catch (BrokenCircuitException open)
        {
            upstream.Meter.Refuse();
            throw Refusal(service, open).AsException(open);
        }
        await forwarding;

        Task<ServiceVerdict> Send()
        {
            var call = new ServiceCall();
            forwarding = call.RunAsync(context, next);
            return call.Verdict;
        }
    }

    /// <summary>Of this gateway, by service.</summary>
    public IReadOnlyList<ServiceFigures> Figures() =>
        [.. _upstreams.OrderBy(upstream => upstream.Key, StringComparer.Ordinal).Select(upstream => upstream.Value.Value.Meter.Read(upstream.Key, time.GetUtcNow() - _started))];

    private static Failure Refusal(string service, BrokenCircuitException open) => new(
        ErrorCode.CircuitOpen,
        open is IsolatedCircuitException ? $"The {service} service is isolated: an admin has to reset its circuit." : $"The {service} service has not been answering. Try again shortly.")
    {
        RetryAfter = open.RetryAfter ?? TimeSpan.FromSeconds(2),
        Extensions = new(StringComparer.Ordinal) { ["service"] = service },
    };

    private Upstream Of(string service) => (_upstreams.TryGetValue(service, out var known) ? known : _upstreams.GetOrAdd(service, added => new(() => Create(added)))).Value;

    private Upstream Create(string service)
    {
        var meter = new ServiceMeter(TimeSpan.FromSeconds(options.Value.WindowSeconds), time);
        if (!options.Value.Circuits)
            return new(null, meter);
        var breaker = new CircuitBreakerStrategyOptions<ServiceVerdict>
        {
            FailureRatio = options.Value.FailureRatio,
            MinimumThroughput = options.Value.MinimumThroughput,
            SamplingDuration = TimeSpan.FromSeconds(options.Value.SamplingSeconds),
            BreakDuration = TimeSpan.FromMilliseconds(options.Value.BreakMs),
            ShouldHandle = args => new(args.Outcome.Result is ServiceVerdict.NoAnswer or ServiceVerdict.TimedOut),
        };
        circuits.Watch(service, breaker, outcome => outcome.Result == ServiceVerdict.TimedOut ? "did not answer in time" : "does not answer");
        return new(new ResiliencePipelineBuilder<ServiceVerdict> { Name = service, TimeProvider = time }.AddCircuitBreaker(breaker).Build(), meter);
    }

    private sealed record Upstream(ResiliencePipeline<ServiceVerdict>? Circuit, ServiceMeter Meter);
}
