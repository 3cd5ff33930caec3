namespace Jarvis.Gateway.Limits;

/// <summary>Tells those who were here before from strangers of the same network address, for whose failures they are not held up.</summary>
internal interface IKnownCallers
{
    /// <summary>What sets the browser apart in which the account signed in lately; null when nothing does. Asks nobody.</summary>
    string? DeviceOf(HttpContext context, AuthSubject subject);

    /// <summary>
    /// Whether the account signed in from there lately, or the refresh token is one of ours. A query; what cannot be told is no.
    /// </summary>
    Task<bool> IsKnownAsync(HttpContext context, AuthSubject subject, CancellationToken cancellationToken);
}
