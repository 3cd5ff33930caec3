using System.ComponentModel.DataAnnotations;

namespace Jarvis.Workflows.N8n;

/// <summary>The n8n whose webhooks are called, and how patiently; section <c>N8n</c>.</summary>
public sealed record N8nOptions : IValidatableObject
{
    /// <summary>Such as <c>http://localhost:5678</c>; empty when there is no n8n. A path prefix is kept.</summary>
    public string BaseUrl { get; init; } = "";

    /// <summary>Goes with every call of a webhook, as the value that its Header Auth credential in n8n expects. Empty: nothing is sent.</summary>
    public string WebhookKey { get; init; } = "";

    /// <summary>The header that carries <see cref="WebhookKey"/>: the name in that credential.</summary>
    public string WebhookKeyHeader { get; init; } = "X-Jarvis-Key";

    /// <summary>Seconds that one request may take, its answer read to the end.</summary>
    [Range(1, 3_600)]
    public int TimeoutSeconds { get; init; } = 30;

    /// <summary>Further tries after the first, of what is safe to repeat. The defaults last about 15 s: n8n needs 5 to 9 s to start.</summary>
    [Range(0, 10)]
    public int MaxRetries { get; init; } = 5;

    /// <summary>Milliseconds before the first retry; doubled with jitter before each further one.</summary>
    [Range(1, 60_000)]
    public int BaseDelayMs { get; init; } = 500;

    /// <summary>Seconds: the longest wait between two tries, also when <c>Retry-After</c> asks for more.</summary>
    [Range(1, 300)]
    public int MaxDelaySeconds { get; init; } = 30;

    /// <summary>The share of requests that n8n fails to answer at which the circuit opens.</summary>
    [Range(0.01, 1.0)]
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Requests within the sampling time below which the circuit stays closed.</summary>
    [Range(2, 10_000)]
    public int MinimumThroughput { get; init; } = 8;

    /// <summary>Seconds over which failures are counted.</summary>
    [Range(1, 3_600)]
    public int SamplingSeconds { get; init; } = 30;

    /// <summary>Seconds that an open circuit waits before it lets one request try.</summary>
    [Range(1, 3_600)]
    public int BreakSeconds { get; init; } = 10;

    /// <summary>Bytes of an answer that are read and kept; the rest is cut off and said to be.</summary>
    [Range(1_024, 16_777_216)]
    public int MaxResultBytes { get; init; } = 1_048_576;

    public bool IsConfigured => BaseUrl.Length > 0;

    /// <summary><paramref name="path"/> below the base address.</summary>
    public Uri Address(string path) => new(new Uri(BaseUrl.EndsWith('/') ? BaseUrl : $"{BaseUrl}/"), path);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsConfigured && !(Uri.TryCreate(BaseUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Query: "", Fragment: "" }))
            yield return new($"N8n:BaseUrl must be an http or https address such as http://localhost:5678, not '{BaseUrl}'.", [nameof(BaseUrl)]);
        // Neither message repeats the key.
        if (!WebhookKeyRules.IsKey(WebhookKey))
        {
            yield return new($"N8n:WebhookKey must have at most {WebhookKeyRules.MaxLength} printable ASCII characters, and no blank at its ends.",
                [nameof(WebhookKey)]);
        }
        if (!WebhookKeyRules.IsHeader(WebhookKeyHeader))
        {
            yield return new($"N8n:WebhookKeyHeader must be the name of a header that Jarvis does not send already, such as X-Jarvis-Key, not '{WebhookKeyHeader}'.",
                [nameof(WebhookKeyHeader)]);
        }
    }
}
