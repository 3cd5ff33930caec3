using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Routing.Template;

namespace Jarvis.Gateway.Limits;

/// <summary>How many requests a caller may send; section <c>Limits</c>.</summary>
public sealed record LimitsOptions : IValidatableObject
{
    /// <summary>Requests a minute that only read; 0 is no limit.</summary>
    [Range(0, 100_000_000)]
    public int Read { get; init; } = 6_000;

    /// <summary>Requests a minute that change something; 0 is no limit.</summary>
    [Range(0, 100_000_000)]
    public int Write { get; init; } = 600;

    /// <summary>Requests a minute that run something; 0 is no limit.</summary>
    [Range(0, 100_000_000)]
    public int Execute { get; init; } = 120;

    /// <summary>
    /// Attempts a minute to sign in, to register, to get a new password that fail, from one network address (or known browser) for one
    /// e-mail address or token; and uses of one refresh token. 0 is no limit.
    /// </summary>
    [Range(0, 100_000_000)]
    public int Auth { get; init; } = 10;

    /// <summary>
    /// Such attempts a minute from one network address that fail, or whose outcome is not told, whoever they are about; whoever is known
    /// there is not held up. 0 is no limit.
    /// </summary>
    [Range(0, 100_000_000)]
    public int AuthFailures { get; init; } = 30;

    /// <summary>Routes whose unsafe methods are of the class <c>auth</c>, as route templates.</summary>
    public IReadOnlyList<string> AuthPaths { get; init; } = [];

    /// <summary>Those of <see cref="AuthPaths"/> that send e-mail to whom the caller names, and answer alike whatever comes of it: each call counts as one that failed.</summary>
    public IReadOnlyList<string> MailPaths { get; init; } = [];

    /// <summary>Routes whose unsafe methods are of the class <c>execute</c>, as route templates.</summary>
    public IReadOnlyList<string> ExecutePaths { get; init; } = [];

    /// <summary>Paths that are never limited: a liveness probe that is refused costs a healthy process its life.</summary>
    public IReadOnlyList<string> ExemptPaths { get; init; } = [];

    /// <summary>Part of <see cref="Read"/> and <see cref="Write"/> that each replica allows by itself while Redis is gone: at most one by the number of replicas.</summary>
    [Range(0.001, 1)]
    public double FallbackShare { get; init; } = 0.25;

    /// <summary>Callers that a replica remembers; those that it did not hear of for longest are forgotten first.</summary>
    [Range(1_000, 10_000_000)]
    public int MaxCallers { get; init; } = 100_000;

    /// <summary>Milliseconds for which a replica may use the tokens that it took in advance.</summary>
    [Range(10, 10_000)]
    public int LeaseMs { get; init; } = 1_500;

    /// <summary>Milliseconds that a request waits for Redis; after one such wait Redis counts as gone.</summary>
    [Range(10, 10_000)]
    public int RedisTimeoutMs { get; init; } = 250;

    /// <summary>Milliseconds between two questions whether Redis is back.</summary>
    [Range(10, 5_000)]
    public int ProbeMs { get; init; } = 500;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var path in AuthPaths.Concat(MailPaths).Concat(ExecutePaths).Concat(ExemptPaths))
        {
            if (!IsTemplate(path))
                yield return new ValidationResult($"Limits: '{path}' must be a route such as /api/v2/tasks/{{id}}/retry.");
        }
    }

    private static bool IsTemplate(string path)
    {
        try
        {
            return path is ['/', ..] && TemplateParser.Parse(path) is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
