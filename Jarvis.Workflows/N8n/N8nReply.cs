using System.Text.RegularExpressions;

namespace Jarvis.Workflows.N8n;

/// <summary>How far a request came.</summary>
public enum Delivery
{
    /// <summary>It never left: no address, no connection. Nothing has happened at the other end.</summary>
    NotSent,

    /// <summary>It left and no answer came. What happened at the other end is not known.</summary>
    Lost,

    Answered,
}

/// <summary>What came of one try.</summary>
public sealed partial record N8nReply(Delivery Delivery)
{
    /// <summary>Why no answer came, in words for the caller.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The HTTP status; 0 without an answer.</summary>
    public int Status { get; init; }

    public string ContentType { get; init; } = "";

    public string Body { get; init; } = "";

    /// <summary>The body was longer than what is read, or broke off.</summary>
    public bool Truncated { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The value of <c>X-N8N-Execution-Id</c> or a like header, which only a workflow itself can set.</summary>
    public string? ExecutionIdHeader { get; init; }

    /// <summary>n8n is just starting, and does not know its webhooks yet.</summary>
    public bool IsStarting { get; init; }

    /// <summary>n8n has certainly not begun: the request did not reach it, or it (or what stands before it) turned it away.</summary>
    public bool IsRefusal => Delivery == Delivery.NotSent || Status is 429 or 503 || IsStarting;

    /// <summary>n8n itself is out of order. A 500 is not that: it is how n8n tells that a workflow failed.</summary>
    public bool IsOutage => Delivery != Delivery.Answered || Status is 502 or 503 or 504;

    /// <summary>What n8n answers, with 200, to everything until its database is ready.</summary>
    public bool SaysStarting => Status == 200 && Body == "n8n is starting up. Please wait";

    /// <summary>n8n's own 404, or before its routes are there Express's. A workflow can answer 404 too, and has run then: what counts are the words.</summary>
    public bool SaysNotRegistered => Status == 404 && NotRegistered().IsMatch(Body);

    public static N8nReply NotSent(string reason) => new(Delivery.NotSent) { Reason = reason };

    public static N8nReply Lost(string reason) => new(Delivery.Lost) { Reason = reason };

    [GeneratedRegex("""^\{"code":404,"message":"(?:The requested|This) webhook [^{}]{0,2000}not registered|^<!DOCTYPE html>[^{}]{0,200}<title>Error</title>[^{}]{0,100}<pre>Cannot [A-Z]+ /""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex NotRegistered();
}
