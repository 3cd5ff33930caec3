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
public sealed record N8nReply(Delivery Delivery)
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

    /// <summary>n8n has certainly not begun: the request did not reach it, or it (or what stands before it) turned it away.</summary>
    public bool IsRefusal => Delivery == Delivery.NotSent || Status is 429 or 503;

    public static N8nReply NotSent(string reason) => new(Delivery.NotSent) { Reason = reason };

    public static N8nReply Lost(string reason) => new(Delivery.Lost) { Reason = reason };
}
