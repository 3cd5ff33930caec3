namespace Jarvis.Gateway.SignIn;

/// <summary>What a request was signed in by.</summary>
public enum UsageKind
{
    Session,
    ApiKey,
}

/// <summary>Keeps when sessions and API keys were last used.</summary>
public interface IUsage
{
    /// <summary>
    /// Notes that it is used now; costs no round trip: what was used is written in batches, each once per interval (<c>Auth:UsageFlushSeconds</c>).
    /// A note may be lost with the process.
    /// </summary>
    void Touch(UsageKind kind, Guid id);
}
